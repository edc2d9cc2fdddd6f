import ApusTestSupport
import Foundation
import Testing

/// Filters on the command line.
@Suite struct FilterCommandTests {
    private static let corpus = [
        #"{"_id": "a", "text": "an owl flies", "metadata": {"year": 2019, "lang": "en", "tags": ["draft"]}}"#,
        #"{"_id": "b", "text": "an owl sleeps", "year": 2021, "lang": "de"}"#,
        #"{"_id": "c", "text": "an owl hunts", "year": 2022, "lang": "en"}"#,
    ].joined(separator: "\n")

    private func index(_ directory: String, _ flags: String...) throws -> String {
        let built = try CommandLineTool.run(
            ["index", "-", "-o", directory + "/index", "--model", "none"] + flags, input: Self.corpus)
        try #require(built.code == 0, "\(built.error)")
        return directory + "/index"
    }

    @Test func everyVerbThatRanksTakesAFilter() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = try index(directory, "--filterable", "year,tags")
        let filter = ["--filter", "year >= 2020 and not lang = 'de'"]
        let search = try CommandLineTool.run(["search", index, "owl", "--json"] + filter)
        #expect(search.code == 0 && search.output.contains("\"c\"") && !search.output.contains("\"docid\" : \"a\""))
        #expect(!search.output.contains("\"docid\" : \"b\""))
        let run = try CommandLineTool.run(["search", index, "--topics", "-"] + filter, input: "q1\towl\n")
        #expect(run.code == 0 && run.output.hasPrefix("q1 Q0 c 1 ") && run.output.split(separator: "\n").count == 1)
        let stats = try CommandLineTool.run(["stats", index, "--json", "--filter", "tags : \"draft\""])
        #expect(stats.output.contains("\"matching\" : 1") && stats.output.contains("\"year\""))
        let explain = try CommandLineTool.run(["explain", index, "owl", "b"] + filter)
        #expect(explain.code == 0 && explain.error.contains("leaves this document out"))
        #expect(try CommandLineTool.run(["explain", index, "owl", "c"] + filter).error.contains("leaves") == false)
        let qrels = directory + "/qrels.txt"
        try "q1 0 b 1\n".write(toFile: qrels, atomically: true, encoding: .utf8)
        try "q1\towl\n".write(toFile: directory + "/topics.tsv", atomically: true, encoding: .utf8)
        let topics = ["evaluate", "--index", index, "--topics", directory + "/topics.tsv", "--qrels", qrels]
        let measured = try CommandLineTool.run(topics + ["--measures", "R@10"])
        #expect(measured.output.contains("1.0000"))
        let filtered = try CommandLineTool.run(topics + ["--measures", "R@10"] + filter)
        #expect(filtered.output.contains("0.0000") && filtered.error.contains("only documents with"))
    }

    @Test func aMistakeIsAUsageErrorWithItsColumn() throws {
        for arguments in [
            ["search", "nowhere", "owl", "--filter", "year >= AND"], ["stats", "nowhere", "--filter", "year >= AND"],
        ] {
            let result = try CommandLineTool.run(arguments)
            #expect(result.code == 2 && result.error.contains("column 9"), "\(result.error)")
        }
        let result = try CommandLineTool.run("index", "-", "-o", "nowhere", "--filterable", "year,,lang")
        #expect(result.code == 2 && result.error.contains("column 6"), "\(result.error)")
    }

    @Test func deletingByAFilterLeavesTheOthers() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = try index(directory, "--filterable", "year")
        let deleted = try CommandLineTool.run("delete", index, "--filter", "year >= 2022 or tags : 'draft'")
        #expect(deleted.code == 0 && deleted.output.contains("Deleted 2 documents"), "\(deleted.error)")
        let stats = try CommandLineTool.run("stats", index, "--json", "--filter", "EXISTS year")
        #expect(stats.output.contains("\"matching\" : 1"))
        #expect(try CommandLineTool.run("search", index, "owl", "--json").output.contains("\"docid\" : \"b\""))
        #expect(try CommandLineTool.run("check", index).code == 0)
    }

    @Test func aBoostIsShown() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = try index(directory)
        let boost = ["--boost", "lang = 'de':100"]
        let search = try CommandLineTool.run(["search", index, "owl"] + boost)
        #expect(search.output.hasPrefix(" 1  ") && search.output.split(separator: "\n")[0].contains("  b"))
        let explain = try CommandLineTool.run(["explain", index, "owl", "b"] + boost)
        #expect(explain.output.contains("boosted by 100.0"))
        #expect(try CommandLineTool.run("search", index, "owl", "--boost", "lang = 'de'").code == 2)
    }

    /// What came in comes out, whatever it is filtered by.
    @Test func metadataComeBackAsTheyWere() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = try index(directory)
        let got = try CommandLineTool.run("get", index, "a", "b")
        #expect(got.output.contains(#"{"metadata":{"year": 2019, "lang": "en", "tags": ["draft"]}}"#))
        #expect(got.output.contains(#"{"year":2021,"lang":"de"}"#))
    }
}
