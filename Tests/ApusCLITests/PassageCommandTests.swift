import ApusTestSupport
import Foundation
import Testing

/// `--passages`: long texts are split, counted, and an index keeps to what it was begun with.
@Suite struct PassageCommandTests {
    private let directory: String
    private let index: String
    private let model = TestPaths.fixtures + "/LearnedEncoder/bert-max"

    init() throws {
        directory = try TestPaths.temporaryDirectory()
        index = directory + "/index"
    }

    private func words(_ count: Int, _ seed: Int) -> String {
        (0..<count).map { ["cat", "mat", "water", "heart", "light"][($0 * $0 + seed) % 7 % 5] }.joined(separator: " ")
    }

    /// Documents of 6, 12 and 20 tokens, an empty one and one with a title.
    private func corpus(_ from: Int = 0) throws -> String {
        let texts = [("", words(6, 1)), ("", words(12, 2)), ("", words(20, 3)), ("", ""), ("cat mat", words(10, 4))]
        let lines = texts.enumerated().dropFirst(from).map { number, document in
            #"{"_id": "d\#(number)", "title": "\#(document.0)", "text": "\#(document.1)"}"#
        }
        let path = directory + "/corpus\(from).jsonl"
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private struct Report: Decodable {
        let added: Int
        let truncated: Int
        let split: Int
        let passages: Int
        let documents: Int
    }

    private func build(_ arguments: String...) throws -> Report {
        let result = try CommandLineTool.run(["index", "-o", index, "--json"] + arguments)
        #expect(result.code == 0, "\(result.error)")
        return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
    }

    private func ranking(_ index: String, _ queries: String) throws -> String {
        let found = try CommandLineTool.run(
            "search", index, "--query-vectors", queries, "--mode", "splade", "--run-tag", "x")
        #expect(found.code == 0 && !found.output.isEmpty, "\(found.error)")
        return found.output
    }

    @Test(arguments: ["max", "sum", "first"])
    func anIndexHoldsTheVectorsThatEncodePrints(aggregate: String) throws {
        let flags = ["--model", model, "--passages", "8", "--stride", "4", "--aggregate", aggregate]
        let built = try CommandLineTool.run(["index", try corpus(), "-o", index] + flags)
        #expect(built.code == 0, "\(built.error)")
        // 12 tokens in windows of 6, every 4: 3; 20 tokens: 5; 2 + 10 tokens: 3.
        if aggregate == "first" {
            #expect(built.output.contains("3 are longer than the encoder reads"))
        } else {
            #expect(built.output.contains("3 are longer than a passage and were split into 11 passages"))
        }
        let encoded = try CommandLineTool.run(["encode", "--input", try corpus()] + flags)
        #expect(encoded.code == 0)
        #expect(encoded.error.contains(aggregate == "first" ? "3 texts were cut at 8" : "split into 11 passages"))
        let vectors = directory + "/vectors.jsonl"
        try Data(encoded.output.utf8).write(to: URL(fileURLWithPath: vectors))
        let imported = directory + "/imported"
        #expect(try CommandLineTool.run("index", vectors, "--vectors", "-o", imported).code == 0)
        let queries = directory + "/queries.jsonl"
        let query = try CommandLineTool.run("encode", "cat water light", "--query", "--model", model)
        try Data(query.output.utf8).write(to: URL(fileURLWithPath: queries))
        #expect(try ranking(index, queries) == ranking(imported, queries))
    }

    @Test func anIndexKeepsToItsPassages() throws {
        let first = try build(try corpus(3), "--model", model, "--passages", "8", "--aggregate", "sum")
        #expect(first.added == 2 && first.split == 1 && first.passages == 2 && first.truncated == 0)
        for other in [
            ["--passages", "9"], ["--passages", "8"], ["--passages", "8", "--aggregate", "sum", "--stride", "2"],
        ] {
            let refused = try CommandLineTool.run(["index", try corpus(), "-o", index, "--resume"] + other)
            #expect(refused.code == 1 && refused.error.contains("8 tokens every 6, sum per term"), "\(refused.error)")
            #expect(refused.error.split(separator: "\n").count == 1)
        }
        let resumed = try build(try corpus(), "--resume")
        #expect(resumed.added == 3 && resumed.split == 2 && resumed.passages == 6 && resumed.documents == 5)
        let stats = try CommandLineTool.run("stats", index)
        #expect(stats.output.contains("8 tokens every 6, sum per term"))
        let json = try CommandLineTool.run("stats", index, "--json").output
        #expect(json.contains(#""aggregate" : "sum""#) && json.contains(#""stride" : 6"#))
    }

    @Test func passagesStayApart() throws {
        let first = try build(try corpus(3), "--model", model, "--passages", "8", "--unit", "passage")
        #expect(first.split == 1 && first.passages == 2)
        // What an index was begun with stays, and asking for nothing asks for that.
        let refused = try CommandLineTool.run(["index", try corpus(), "-o", index, "--resume", "--passages", "8"])
        #expect(refused.code == 1 && refused.error.contains("8 tokens every 6, the best passage"), "\(refused.error)")
        let resumed = try build(try corpus(), "--resume")
        #expect(resumed.added == 3 && resumed.split == 2 && resumed.passages == 6 && resumed.documents == 5)
        #expect(
            try build(try corpus(), "--replace", "--model", model, "--passages", "8", "--unit", "passage").passages == 8
        )
        let stats = try CommandLineTool.run("stats", index)
        #expect(stats.output.contains(#/passages of long documents +8, /#), "\(stats.output)")
        let found = try CommandLineTool.run(
            "search", index, "cat water light", "--mode", "splade", "--json", "--verify")
        #expect(found.code == 0, "\(found.error)")
        let answer = try JSONDecoder().decode(Answer.self, from: Data(found.output.utf8))
        let long = answer.candidates.first { $0.docid == "d2" }
        #expect(long?.passage?.of == 4 && (1...4).contains(long?.passage?.number ?? 0))
        #expect(long.map { $0.text.contains($0.passage?.text ?? "-") } ?? false)
        #expect(answer.candidates.first { $0.docid == "d0" }.map { $0.passage == nil } ?? false)
        let shown = try CommandLineTool.run("search", index, "cat water light", "--snippets")
        #expect(shown.output.contains("of 4\n"), "\(shown.output)")
        let explained = try CommandLineTool.run("explain", index, "cat water light", "d2", "--mode", "splade")
        #expect((explained.output + explained.error).contains("of 4, the best one"), "\(explained.output)")
        for change in [
            ["check", index, "--deep"], ["delete", index, "d2"], ["merge", index], ["check", index, "--deep"],
        ] {
            #expect(try CommandLineTool.run(change).code == 0)
        }
        let rest = try CommandLineTool.run("search", index, "cat water light", "--mode", "splade", "--verify")
        #expect(rest.code == 0 && rest.output.contains("passage"), "\(rest.error)")
    }

    private struct Answer: Decodable {
        struct Candidate: Decodable {
            struct Passage: Decodable {
                let number: Int
                let of: Int
                let text: String
            }
            let docid: String
            let text: String
            let passage: Passage?
        }
        let candidates: [Candidate]
    }

    @Test func anIndexOfCutTextsTakesNoPassages() throws {
        let first = try build(try corpus(3), "--model", model, "--max-length", "8")
        #expect(first.split == 0 && first.truncated == 1)
        let refused = try CommandLineTool.run("index", try corpus(), "-o", index, "--append", "--passages", "8")
        #expect(refused.code == 1 && refused.error.contains("passages 'none'"), "\(refused.error)")
    }

    @Test func wrongPassagesAreWrongUsage() throws {
        let corpus = try corpus()
        for flags in [
            ["--stride", "4"], ["--aggregate", "max"], ["--passages", "7"], ["--passages", "eight"],
            ["--passages", "8", "--stride", "0"], ["--passages", "8", "--stride", "9"],
            ["--passages", "8", "--aggregate", "median"], ["--unit", "passage"],
            ["--passages", "8", "--unit", "page"], ["--passages", "8", "--unit", "passage", "--aggregate", "max"],
            ["--passages", "8", "--unit", "document", "--aggregate", "best"],
        ] {
            #expect(try CommandLineTool.run(["index", corpus, "-o", index, "--model", model] + flags).code == 2)
            #expect(try CommandLineTool.run(["encode", "cat", "--model", model] + flags).code == 2)
        }
        #expect(try CommandLineTool.run("index", corpus, "-o", index, "--model", "none", "--passages", "8").code == 2)
        #expect(try CommandLineTool.run("encode", "cat", "--query", "--passages", "8").code == 2)
        #expect(try CommandLineTool.run("encode", "cat", "--passages", "8", "--unit", "passage").code == 2)
        let long = try CommandLineTool.run("index", corpus, "-o", index, "--model", model, "--passages", "49")
        #expect(long.code == 1 && long.error.contains("3 to 48"), "\(long.error)")
        #expect(!FileManager.default.fileExists(atPath: index))
    }

    @Test func aTextThatIsSplitIsNoted() throws {
        let result = try CommandLineTool.run("encode", words(20, 0), "--model", model, "--passages", "8")
        #expect(result.code == 0 && result.error.contains("1 text was split into 4 passages"))
    }
}
