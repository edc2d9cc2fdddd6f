import ApusTestSupport
import Foundation
import Testing

/// `apus model adapt`
@Suite struct ModelAdaptTests {
    private let directory: String
    private let model = TestPaths.fixtures + "/LearnedEncoder/bert-max"

    init() throws { directory = try TestPaths.temporaryDirectory() }

    private func corpus(_ text: String = #"{"_id": "a", "title": "cat", "text": "water"}"#) throws -> String {
        let path = directory + "/corpus.jsonl"
        try Data((text + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func adapt(_ arguments: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(["model", "adapt"] + arguments)
    }

    @Test func anAdaptedModelAnswersWhereItIsForced() throws {
        let (adapted, index) = (directory + "/adapted", directory + "/index")
        let corpus = try corpus(
            (0..<3).map { #"{"_id": "d\#($0)", "text": "cat\#($0 == 1 ? " water" : "")"}"# }.joined(separator: "\n"))
        let made = try adapt(model, "--idf", corpus, "-o", adapted, "--share", "1", "--force")
        #expect(made.code == 0, "\(made.error)")
        #expect(made.output.contains("100 % idf of 2 tokens in 3 documents"), "\(made.output)")
        #expect(made.output.contains("not confirmed, but forced (0 questions of 3 documents"), "\(made.output)")
        let query = try CommandLineTool.run(
            "encode", "cat water", "--query", "--query-side", "inference-free", "--model", adapted)
        // log(4 / 1.5) and log(4 / 3.5)
        #expect(query.output.contains(#""water": 0.980829"#) && query.output.contains(#""cat": 0.133531"#))
        #expect(try CommandLineTool.run("index", corpus, "-o", index, "--model", model).code == 0)
        let search = ["search", index, "cat", "--mode", "splade", "--query-side", "inference-free", "--model", adapted]
        let refused = try CommandLineTool.run(search)
        #expect(refused.code == 1 && refused.error.contains("--force"), "\(refused.error)")
        #expect(try CommandLineTool.run(search + ["--force"]).code == 0)
        #expect(try CommandLineTool.run("index", corpus, "-o", index, "--replace", "--model", adapted).code == 0)
        #expect(try CommandLineTool.run(search).code == 0)
    }

    @Test func theBundledModelCanBeAdapted() throws {
        let made = try adapt("bundled", "--idf", try corpus(), "-o", directory + "/new/adapted/", "--json", "--force")
        #expect(made.code == 0, "\(made.error)")
        #expect(made.output.contains(#""isFirstTable" : false"#))
        let inspected = try CommandLineTool.run("model", "inspect", directory + "/new/adapted")
        #expect(inspected.code == 0 && inspected.output.contains("siamese, inference-free"))
    }

    /// Too little to check: nothing is written, which is no error.
    @Test func whatIsNotConfirmedIsNotApplied() throws {
        let adapted = directory + "/adapted"
        let refused = try adapt(model, "--idf", try corpus(), "-o", adapted)
        #expect(refused.code == 0 && refused.output.hasPrefix("not applied: "), "\(refused.output)")
        #expect(refused.output.contains("--force") && refused.output.contains("nDCG@10"))
        #expect(!FileManager.default.fileExists(atPath: adapted))
        let json = try adapt(model, "--idf", try corpus(), "-o", adapted, "--json")
        #expect(json.code == 0 && json.output.contains(#""isConfirmed" : false"#) && !json.output.contains(#""model""#))
        #expect(!FileManager.default.fileExists(atPath: adapted))
    }

    /// A table that loves the common words and not the rare ones is mended, and the check sees it.
    @Test func whatIsConfirmedIsApplied() throws {
        let (spoiled, adapted) = (directory + "/spoiled", directory + "/adapted")
        try FileManager.default.copyItem(atPath: TestPaths.root + "/Sources/CApusBundledModel/Tiny", toPath: spoiled)
        let lines = try String(contentsOfFile: TestPaths.root + "/Corpora/starter/corpus.jsonl", encoding: .utf8)
            .split(separator: "\n").prefix(150).joined(separator: "\n")
        let corpus = try corpus(lines)
        let first = try adapt(spoiled, "--idf", corpus, "-o", adapted, "--share", "1", "--force")
        #expect(first.code == 0, "\(first.error)")
        try Self.invert(adapted + "/model.safetensors")
        let mended = try adapt(adapted, "--idf", corpus, "-o", directory + "/mended", "--json")
        #expect(mended.code == 0 && mended.output.contains(#""isConfirmed" : true"#), "\(mended.output)\(mended.error)")
        #expect(FileManager.default.fileExists(atPath: directory + "/mended/model.safetensors"))
    }

    /// Makes every weight w of the packed table 1 / (1 + w)³ in place.
    private static func invert(_ path: String) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        let size = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: data[8..<(8 + size)]) as? [String: [String: Any]]
        let offsets = try #require(header?["apus.idf"]?["data_offsets"] as? [Int])
        for place in stride(from: 8 + size + offsets[0], to: 8 + size + offsets[1], by: 4) {
            let bits = (0..<4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32(data[place + $1]) }
            let weight = 1 + Float(bitPattern: bits)
            let new = (1 / (weight * weight * weight)).bitPattern
            for byte in 0..<4 { data[place + byte] = UInt8(truncatingIfNeeded: new >> (8 * byte)) }
        }
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func wrongInputIsRefusedAndLeavesNothing() throws {
        let adapted = directory + "/adapted"
        let corpus = try corpus()
        for (idf, from, word) in [
            (directory + "/nowhere.jsonl", model, "nowhere.jsonl"), (corpus, directory + "/no-model", "no-model"),
            (corpus, TestPaths.fixtures + "/LearnedEncoder/families/csr-mean", "latent"),
        ] {
            let result = try adapt(from, "--idf", idf, "-o", adapted)
            #expect(result.code == 1 && result.error.contains(word), "\(result.error)")
            #expect(result.error.split(separator: "\n").count == 1)
        }
        let broken = try self.corpus("{broken")
        #expect(try adapt(model, "--idf", broken, "-o", adapted).code == 1)
        let empty = try self.corpus("")
        #expect(try adapt(model, "--idf", empty, "-o", adapted).error.contains("no documents"))
        let there = try adapt(model, "--idf", empty, "-o", directory)
        #expect(there.code == 1 && there.error.contains("is there already"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["corpus.jsonl"])
        #expect(try adapt(model, "-o", adapted).code == 2)
        #expect(try adapt(model, "--idf", corpus).code == 2)
        #expect(try adapt("none", "--idf", corpus, "-o", adapted).code == 2)
        #expect(try adapt(model, "--idf", corpus, "-o", adapted, "-t", "0").code == 2)
        #expect(try adapt(model, "--idf", corpus, "-o", adapted, "--share", "1.5").code == 2)
    }
}
