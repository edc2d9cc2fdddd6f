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
        let made = try adapt(model, "--idf", corpus, "-o", adapted)
        #expect(made.code == 0, "\(made.error)")
        #expect(made.output.contains("2 tokens in 3 documents") && made.error.contains("apus evaluate"))
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
        let made = try adapt("bundled", "--idf", try corpus(), "-o", directory + "/new/adapted/", "--json")
        #expect(made.code == 0, "\(made.error)")
        #expect(made.output.contains(#""isFirstTable" : false"#))
        let inspected = try CommandLineTool.run("model", "inspect", directory + "/new/adapted")
        #expect(inspected.code == 0 && inspected.output.contains("siamese, inference-free"))
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
    }
}
