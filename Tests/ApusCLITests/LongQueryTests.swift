import ApusTestSupport
import Foundation
import Testing

/// A query that is cut is said to be, wherever queries are encoded. The encoder's own word is `isTruncated` of a vector.
@Suite struct LongQueryTests {
    private let folder: String
    private let long = String(repeating: "cat ", count: 700) + "water"

    init() throws {
        folder = try TestPaths.temporaryDirectory()
        try write(
            "corpus.jsonl", "{\"id\": \"a\", \"contents\": \"red cat\"}\n{\"id\": \"b\", \"contents\": \"water\"}\n")
        try write("topics.tsv", "1\t\(long)\n2\tcat\n")
        try write("qrels", "1 0 b 1\n2 0 a 1\n")
        #expect(try CommandLineTool.run("index", folder + "/corpus.jsonl", "-o", folder + "/index").code == 0)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
    }

    @Test(arguments: [
        "search index \"$2\"", "search index \"$2\" --mode fused", "explain index \"$2\" a", "encode --query \"$2\"",
        "search index --topics topics.tsv", "encode --topics topics.tsv", "tune index --topics topics.tsv --rounds 1",
        "evaluate --index index --topics topics.tsv --qrels qrels",
    ])
    func aCutQueryIsNoted(verb: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb)", folder, long)
        #expect(result.code == 0)
        let words = verb.hasPrefix("encode") ? "1 text was cut at" : "longer than the encoder reads"
        #expect(result.error.contains(words), "\(result.error)")
    }

    @Test func theNoteIsPartOfTheAnswer() throws {
        for verb in [
            "search index \"$2\" --json", "search index --topics topics.tsv --json",
            "stats index --topics topics.tsv --json",
        ] {
            let result = try CommandLineTool.shell("cd $1; \"$0\" \(verb)", folder, long)
            let isSaid = result.output.contains("longer than the encoder reads")
            #expect(isSaid || result.output.contains("\"truncatedQueries\" : 1"), "\(verb)")
        }
    }

    /// BM25 and the table read all of a query, so nothing is cut.
    @Test(arguments: ["--mode bm25", "--query-side inference-free"])
    func whatIsNotCutIsNotNoted(flags: String) throws {
        let result = try CommandLineTool.shell("cd $1; \"$0\" search index \"$2\" \(flags)", folder, long)
        #expect(result.code == 0 && !result.error.contains("longer"), "\(result.error)")
    }
}
