import ApusTestSupport
import Foundation
import Testing

/// Vectors that another encoder made go in, are searched, fused with words, and refused with their line when they are wrong.
@Suite struct ImportedVectorTests {
    private let directory: String
    private let index: String

    init() throws {
        directory = try TestPaths.temporaryDirectory()
        index = directory + "/index"
    }

    private func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        return directory + "/" + name
    }

    private var documents: String {
        """
        {"id": "a", "contents": "red apple", "vector": {"fruit": 200, "red": 40}}
        {"id": "b", "contents": "green pear", "vector": {"fruit": 180, "green": 90}}
        {"id": "c", "contents": "red brick", "vector": {"wall": 255, "red": 60}}
        """
    }

    private func ranking(_ mode: String, _ queries: String, _ more: String...) throws -> [String] {
        let result = try CommandLineTool.run(
            ["search", index, "--query-vectors", queries, "--mode", mode, "--verify"] + more)
        #expect(result.code == 0, "\(result.error)")
        return result.output.split(separator: "\n").map { line in
            let columns = line.split(separator: " ")
            return columns[2] + " " + columns[4]
        }
    }

    @Test func importedVectorsAreSearched() throws {
        #expect(try CommandLineTool.run("index", write("v.jsonl", documents), "--vectors", "-o", index).code == 0)
        let queries = try write(
            "q.jsonl", #"{"id": "1", "contents": "red", "vector": {"fruit": 2, "red": 1, "sky": 9}}"#)
        // 2 · 200 + 40, 2 · 180, 60: integers stay as they are.
        #expect(try ranking("splade", queries) == ["a 440.0", "b 360.0", "c 60.0"])
        #expect(try ranking("fused", queries, "--weight", "0.01").map { $0.prefix(1) } == ["a", "c", "b"])
        #expect(try ranking("bm25", queries).count == 2)
        // The heaviest term, "sky", matches nothing.
        #expect(try ranking("splade", queries, "--query-terms", "1").isEmpty)
        #expect(try ranking("splade", queries, "--query-terms", "2") == ["a 400.0", "b 360.0"])
        let pruned = directory + "/pruned"
        #expect(
            try CommandLineTool.run(
                "index", directory + "/v.jsonl", "--vectors", "-o", pruned, "--document-terms", "1"
            ).code == 0)
        let result = try CommandLineTool.run("search", pruned, "--query-vectors", queries, "--mode", "splade")
        #expect(result.output.split(separator: "\n").count == 2, "red is no longer in a and c")
        let text = try CommandLineTool.run("search", index, "red")
        #expect(text.code == 0 && text.error.contains("--query-vectors"))
    }

    /// 200 and 180 become 28 and 25 of 31 steps: coarser, in the same order here.
    @Test func aCompactIndexRemembersItsProfile() throws {
        let vectors = try write("v.jsonl", documents)
        let made = try CommandLineTool.run("index", vectors, "--vectors", "-o", index, "--profile", "compact")
        #expect(made.code == 0, "\(made.error)")
        let queries = try write("q.jsonl", #"{"id": "1", "contents": "red", "vector": {"fruit": 1}}"#)
        #expect(try ranking("splade", queries).map { $0.prefix(1) } == ["a", "b"])
        #expect(try CommandLineTool.run("stats", index).output.contains("compact"))
        let more = try write("w.jsonl", #"{"id": "z", "vector": {"fruit": 90}}"#)
        let refused = try CommandLineTool.run(
            "index", more, "--vectors", "-o", index, "--append", "--profile", "standard")
        #expect(refused.code == 1 && refused.error.contains("begun with profile 'compact'"), "\(refused.error)")
        #expect(try CommandLineTool.run("index", more, "--vectors", "-o", index, "--append").code == 0)
        #expect(try ranking("splade", queries).map { $0.prefix(1) } == ["a", "b", "z"])
    }

    @Test func wrongVectorsAreNamedByLine() throws {
        let negative = try write(
            "n.jsonl", "{\"id\": \"a\", \"vector\": {\"x\": 1}}\n{\"id\": \"b\", \"vector\": {\"x\": -1}}\n")
        let result = try CommandLineTool.run("index", negative, "--vectors", "-o", index)
        #expect(result.code == 1 && result.error.contains("line 2") && result.error.contains("'x'"))
        #expect(!FileManager.default.fileExists(atPath: index))
        #expect(try CommandLineTool.run("index", "--vectors", "-o", index).code == 2)
        // Texts do not go into an index of vectors.
        #expect(try CommandLineTool.run("index", write("v.jsonl", documents), "--vectors", "-o", index).code == 0)
        let corpus = try write("c.jsonl", #"{"_id": "d", "text": "blue plum"}"#)
        let mixed = try CommandLineTool.run("index", corpus, "-o", index, "--append")
        #expect(mixed.code == 1 && mixed.error.contains("vectors"))
    }
}
