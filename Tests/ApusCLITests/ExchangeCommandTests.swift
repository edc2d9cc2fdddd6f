import ApusTestSupport
import Foundation
import Testing

/// `apus import` and `apus export --format` as a person uses them.
@Suite struct ExchangeCommandTests {
    private let folder: String
    private let fixtures = TestPaths.fixtures + "/Exchange/"

    init() throws { folder = try TestPaths.temporaryDirectory() }

    @Test func anIndexGoesOutAndComesBackThroughPipes() throws {
        let (first, second) = (folder + "/a", folder + "/b")
        let made = try CommandLineTool.run("import", fixtures + "text.ciff", "-o", first, "--field", "text")
        #expect(made.code == 0 && made.output.contains("300 documents, 32 text terms"), "\(made.error)")
        let piped = try CommandLineTool.shell(
            "\"$0\" export \"$1\" --format ciff | \"$0\" import - -o \"$2\" --json", first, second)
        #expect(piped.code == 0 && piped.output.contains("\"postings\""), "\(piped.error)")
        let topics = folder + "/topics.tsv"
        try "1\tw3 w9\n2\tw30 w2 w2\n".write(toFile: topics, atomically: true, encoding: .utf8)
        let answers = try [first, second].map {
            try CommandLineTool.run("search", $0, "--topics", topics, "--mode", "bm25", "-k", "20").output
        }
        #expect(answers[0].split(separator: "\n").count == 40 && answers[0] == answers[1])
        #expect(try CommandLineTool.run("check", second, "--deep").code == 0)
    }

    @Test func whatIsNotSaidIsAsked() throws {
        let unknown = try CommandLineTool.run("import", fixtures + "text.ciff", "-o", folder + "/a")
        #expect(unknown.code == 1 && unknown.error.contains("--field learned"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/a"))
        for arguments in [
            ["export", "x"], ["export", "x", "--texts", "--format", "ciff"], ["export", "x", "--format", "solr"],
            ["export", "x", "--format", "npz"], ["export", "x", "--texts", "--topics", "t"],
            ["export", "x", "--format", "npz", "--field", "text", "-o", "y"], ["import", "x"],
            ["index", "x", "-o", "y", "--vocabulary", "v"],
        ] { #expect(try CommandLineTool.run(arguments).code == 2, "\(arguments)") }
    }

    @Test func matricesAreIndexedWithNames() throws {
        let index = folder + "/index"
        let lines = folder + "/v.jsonl"
        try "{\"id\":\"a\",\"indices\":[3,4],\"values\":[2,1]}\n{\"id\":\"b\",\"indices\":[4],\"values\":[3]}\n"
            .write(toFile: lines, atomically: true, encoding: .utf8)
        let vocabulary = fixtures + "vocabulary.txt"
        #expect(try CommandLineTool.run("index", lines, "--vectors", "--vocabulary", vocabulary, "-o", index).code == 0)
        let queries = folder + "/q.jsonl"
        try "{\"id\":\"1\",\"vector\":{\"term4\":1}}\n".write(toFile: queries, atomically: true, encoding: .utf8)
        let found = try CommandLineTool.run("search", index, "--query-vectors", queries, "--mode", "splade")
        #expect(found.output.split(separator: "\n").map { $0.split(separator: " ")[2] } == ["b", "a"])
        try "{\"id\":\"1\",\"vector\":{\"4\":1}}\n".write(toFile: queries, atomically: true, encoding: .utf8)
        let numbered = try CommandLineTool.run(
            "search", index, "--query-vectors", queries, "--vocabulary", vocabulary, "--mode", "splade")
        #expect(numbered.output == found.output)
        let matrix = try CommandLineTool.run("index", fixtures + "csr.npz", "--vectors", "-o", folder + "/m")
        #expect(matrix.code == 0 && matrix.output.contains("9 documents"), "\(matrix.error)")
        let out = try CommandLineTool.run("export", index, "--format", "qdrant", "-o", folder + "/out")
        #expect(out.code == 0 && out.output.contains("2 documents, 3 postings"), "\(out.error)")
        #expect(try CommandLineTool.run("export", index, "--format", "vespa", "-o", folder + "/out").code == 1)
    }
}
