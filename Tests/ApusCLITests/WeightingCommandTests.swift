import ApusTestSupport
import Foundation
import Testing

/// Weights that an index gives beside its model: made, shown, kept, overridden and tuned at the command line.
@Suite struct WeightingCommandTests {
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

    /// "common" is in all documents, "rare" in one.
    private let documents = """
        {"id": "a", "contents": "red apple", "vector": {"common": 2, "rare": 1}}
        {"id": "b", "contents": "green pear", "vector": {"common": 3}}
        {"id": "c", "contents": "red brick", "vector": {"common": 1, "wall": 2}}
        """

    private func run(_ arguments: String...) throws -> CommandLineTool.Result { try CommandLineTool.run(arguments) }

    @Test func anIdfPowerIsMadeShownKeptAndOverridden() throws {
        let vectors = try write("v.jsonl", documents)
        let queries = try write("q.jsonl", #"{"id": "1", "contents": "red", "vector": {"common": 1, "rare": 1}}"#)
        let made = try run("index", vectors, "--vectors", "-o", index, "--idf-power", "1", "--k1", "1.2", "--b", "0.75")
        #expect(made.code == 0, "\(made.error)")
        let stats = try run("stats", index).output
        #expect(stats.contains("× idf^1.0") && stats.contains("k1 1.2, b 0.75"), "\(stats)")
        let search = { (flags: [String]) in
            try CommandLineTool.run(
                ["search", index, "--query-vectors", queries, "--mode", "splade", "--verify"] + flags)
        }
        // ln(1 + 0.5 / 3.5) = .134 and ln(1 + 2.5 / 1.5) = .981: the rare term decides.
        let weighted = try search([]).output.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(weighted.map { $0[2] } == ["a", "b", "c"] && weighted[0][5] == "apus-splade-vectors-idf1")
        #expect(abs((Double(weighted[0][4]) ?? 0) - (2 * 0.13353 + 0.98083)) < 0.01, "\(weighted)")
        let plain = try search(["--idf-power", "0"]).output.split(separator: "\n").map { $0.split(separator: " ") }
        // Whole numbers again: 3 and 3, where the greater id is first.
        #expect(plain.map { $0[2] } == ["b", "a", "c"] && plain[0][5] == "apus-splade-vectors")
        // BM25's parameters are the index's, one by one.
        let words = try run("search", index, "red", "--mode", "bm25")
        #expect(words.error.contains("apus-bm25(k1=1.2,b=0.75): BM25 k1 1.2 b 0.75"), "\(words.error)")
        let one = try run("search", index, "red", "--mode", "bm25", "--b", "0.1")
        #expect(one.error.contains("BM25 k1 1.2 b 0.1"), "\(one.error)")
        let more = try write("w.jsonl", #"{"id": "d", "vector": {"rare": 9}}"#)
        let refused = try run("index", more, "--vectors", "-o", index, "--append", "--idf-power", "0.5")
        #expect(refused.code == 1 && refused.error.contains("begun with idf-power '1', not '0.5'"), "\(refused.error)")
        #expect(try run("index", more, "--vectors", "-o", index, "--append").code == 0)
        #expect(try run("merge", index).code == 0)
        #expect(try run("stats", index).output.contains("× idf^1.0"))
    }

    /// The norms are 2.236, 3 and 2.236; their mean is 2.491.
    @Test func normsAreEvenedOutAndSaid() throws {
        let vectors = try write("v.jsonl", documents)
        #expect(try run("index", vectors, "--vectors", "-o", index, "--norm-power", "1").code == 0)
        let stats = try run("stats", index).output
        #expect(stats.contains("÷ (norm / 2.49)^1.0"), "\(stats)")
        let queries = try write("q.jsonl", #"{"id": "1", "vector": {"common": 1}}"#)
        let lines = try run("search", index, "--query-vectors", queries, "--mode", "splade").output
            .split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.map { $0[2] } == ["b", "a", "c"] && lines[0][5] == "apus-splade-vectors-norm1")
        for (line, expected) in zip(lines, [2.491, 2 * 2.491 / 2.236, 2.491 / 2.236]) {
            #expect(abs((Double(line[4]) ?? 0) - expected) < 0.02, "\(line)")
        }
    }

    @Test func theBundledModelHasIdfUnlessAskedOtherwise() throws {
        let corpus = try write(
            "c.jsonl",
            """
            {"_id": "ice", "text": "Ice flows slowly down the valley under its own weight."}
            {"_id": "tea", "text": "Leaves steeped in boiling water make a drink."}
            """)
        #expect(try run("index", corpus, "-o", index).code == 0)
        let stats = try run("stats", index).output
        #expect(stats.contains("× idf^0.5") && !stats.contains("norm"), "\(stats)")
        let found = try run("search", index, "how is tea made", "--mode", "splade", "--verify")
        #expect(
            found.error.contains("apus-splade-blended-idf0.5: learned weights × idf^0.5"), "\(found.error)")
        let explained = try run("explain", index, "boiling water", "tea", "--mode", "splade").output
        #expect(explained.contains("idf^0.50"), "\(explained)")
        let json = try run("explain", index, "boiling water", "tea", "--mode", "splade", "--json").output
        #expect(json.contains("\"idfFactor\""))
        let plain = directory + "/plain"
        #expect(try run("index", corpus, "-o", plain, "--idf-power", "0", "--norm-power", "0.25").code == 0)
        let other = try run("search", plain, "how is tea made", "--mode", "splade")
        #expect(other.error.contains("apus-splade-blended-norm0.25: exact"), "\(other.error)")
        #expect(!(try run("explain", plain, "boiling water", "tea", "--mode", "splade").output).contains("idf^"))
    }

    @Test(arguments: [
        ["--idf-power", "-1"], ["--idf-power", "3"], ["--norm-power", "2"], ["--k1", "-1"], ["--b", "1.5"],
        ["--model", "none", "--idf-power", "0.5"],
    ])
    func wrongSettingsAreWrongUsage(flags: [String]) throws {
        let corpus = try write("c.jsonl", #"{"_id": "d", "text": "blue plum"}"#)
        let result = try CommandLineTool.run(["index", corpus, "-o", index] + flags)
        #expect(result.code == 2 && !FileManager.default.fileExists(atPath: index), "\(result.error)")
    }

    @Test func aTunedFusionIsStoredAndSaid() throws {
        var lines: [String] = []
        var (topics, qrels, queries) = ("", "", "")
        for subject in 0..<20 {
            // One document has more of the subject, which is right; another one has the query's word, which is not.
            lines.append(
                #"{"id": "r\#(subject)", "contents": "some text", "vector": {"t\#(subject)": 2, "u\#(subject % 3)": 1}}"#
            )
            lines.append(
                #"{"id": "w\#(subject)", "contents": "word\#(subject) text", "vector": {"t\#(subject)": 1.8}}"#)
            // So that the wrong one's learned score is near the best: more than .9 must lie on the vectors to tell them apart.
            lines.append(#"{"id": "z\#(subject)", "contents": "some text", "vector": {"t\#(subject)": 0.2}}"#)
            qrels += "\(subject) 0 r\(subject) 1\n"
            topics += "\(subject)\tword\(subject)\n"
            queries += #"{"id": "\#(subject)", "vector": {"t\#(subject)": 1}}"# + "\n"
        }
        #expect(
            try run("index", write("v.jsonl", lines.joined(separator: "\n")), "--vectors", "-o", index).code == 0)
        let arguments = [
            "tune", index, "--fusion", "--topics", try write("t.tsv", topics), "--qrels", try write("q.txt", qrels),
            "--query-vectors", try write("q.jsonl", queries),
        ]
        let dry = try CommandLineTool.run(arguments + ["--dry-run"])
        #expect(dry.code == 0 && dry.output.contains("expected") && dry.error.contains("are few"), "\(dry.error)")
        #expect(!dry.error.contains("Stored in"))
        let tuned = try CommandLineTool.run(arguments)
        #expect(tuned.code == 0 && tuned.output == dry.output, "\(tuned.error)")
        try #require(tuned.error.contains("as commit 2"), "\(tuned.error)")
        let stats = try run("stats", index).output
        #expect(stats.contains("fusion, tuned"), "\(stats)")
        let search = try CommandLineTool.run([
            "search", index, "--topics", directory + "/t.tsv", "--query-vectors", directory + "/q.jsonl",
        ])
        #expect(search.error.contains("fused as 'apus tune --fusion' chose for this index"), "\(search.error)")
        let asked = try CommandLineTool.run([
            "search", index, "--topics", directory + "/t.tsv", "--query-vectors", directory + "/q.jsonl", "--fusion",
            "rrf",
        ])
        #expect(!asked.error.contains("chose for this index") && asked.output.contains("rrf(k=60)"))
        for wrong in [
            ["--weight", "0.5"], ["--mode", "fused"], ["--folds", "1"], ["--measure", "NumRel"],
            ["--measure", "nDCG@10 AP"],
        ] {
            #expect(try CommandLineTool.run(arguments + wrong).code == 2, "\(wrong)")
        }
        let filtered = try CommandLineTool.run(
            ["tune", index, "--query-vectors", directory + "/q.jsonl", "--filter", "x = 1"])
        #expect(filtered.code == 2 && filtered.error.contains("tune --fusion alone"), "\(filtered.error)")
    }
}
