import ApusTestSupport
import Foundation
import Testing

/// Joins and shards as a person meets them: the same run whichever way, and one line for whatever is wrong.
@Suite struct ShardCommandTests {
    /// Four documents a part, two parts, and an index of all of them.
    private struct Site {
        let directory: String
        func path(_ name: String) -> String { directory + "/" + name }

        init() throws {
            directory = try TestPaths.temporaryDirectory()
            let lines = (0..<8).map {
                #"{"id": "d\#($0)", "contents": "stars shine \#(["far", "near", "cold"][$0 % 3]) s\#($0)", "year": \#($0)}"#
            }
            for (name, own) in [("all", lines[...]), ("a", lines[..<4]), ("b", lines[4...])] {
                try own.joined(separator: "\n").write(
                    toFile: path(name + ".jsonl"), atomically: true, encoding: .utf8)
                let built = try CommandLineTool.run(
                    "index", path(name + ".jsonl"), "--model", "none", "-o", path(name), "-t", "1")
                try #require(built.code == 0, "\(built.error)")
            }
            try "1\tfar stars\n2\tcold s5\n3\tnothing\n".write(
                toFile: path("t.tsv"), atomically: true, encoding: .utf8)
        }

        func run(_ arguments: String...) throws -> CommandLineTool.Result { try CommandLineTool.run(arguments) }
        func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
        func remove() { try? FileManager.default.removeItem(atPath: directory) }
    }

    @Test func oneRunWhicheverWay() throws {
        let site = try Site()
        defer { site.remove() }
        let (a, b, topics) = (site.path("a"), site.path("b"), site.path("t.tsv"))
        let joined = try site.run("join", a, b, "-o", site.path("ab"))
        #expect(joined.code == 0 && joined.output.contains("8 documents of 2 indexes"), "\(joined.error)")
        for (indexes, name) in [([site.path("all")], "r1"), ([site.path("ab")], "r2"), ([a, b], "r3")] {
            let found = try CommandLineTool.run(["search"] + indexes + ["--topics", topics, "-o", site.path(name)])
            #expect(found.code == 0, "\(found.error)")
        }
        for (index, name) in [(a, "s1"), (b, "s2")] {
            #expect(try site.run("stats", index, "--topics", topics, "--statistics", site.path(name)).code == 0)
        }
        let statistics = ["--statistics", site.path("s1"), "--statistics", site.path("s2")]
        for (index, name) in [(a, "l1"), (b, "l2")] {
            let found = try CommandLineTool.run(
                ["search", index, "--topics", topics, "--lists", "-o", site.path(name)] + statistics)
            #expect(found.code == 0, "\(found.error)")
        }
        let gather = ["--gather", site.path("l1"), "--gather", site.path("l2")]
        #expect(try CommandLineTool.run(["search", a, "--topics", topics, "-o", site.path("r4")] + gather).code == 0)
        let expected = try site.bytes("r1")
        #expect(!expected.isEmpty)
        for name in ["r2", "r3", "r4"] { #expect(try site.bytes(name) == expected, "\(name)") }
        // One query, and what belongs to the shard that has the document.
        #expect(try site.run("search", a, b, "cold s5").output.contains("d5"))
        #expect(try site.run("get", a, "d5", "--shard", b).output.contains("s5"))
        #expect(try site.run("explain", a, "cold s5", "d5", "--shard", b).code == 0)
        let filtered = try site.run("search", a, b, "stars", "--filter", "year = 6")
        #expect(filtered.output.contains("d6") && !filtered.output.contains("d5"))
        // Lists that are not deep enough, or of another collection, make no run.
        let deeper = try CommandLineTool.run(["search", a, "--topics", topics, "-k", "2000"] + gather)
        #expect(deeper.code == 1 && deeper.error.contains("1000 documents deep"), "\(deeper.error)")
        let other = try CommandLineTool.run(
            ["search", a, "--topics", topics, "--least", site.path("l1"), "--lists", "-o", site.path("x")])
        #expect(other.code == 1 && other.error.contains("collection statistics"), "\(other.error)")
        let missing = try CommandLineTool.run(
            ["search", a, "--query-vectors", site.path("none"), "--lists", "-o", site.path("x")])
        #expect(missing.code == 1)
    }

    @Test func whatIsWrongIsSaidInOneLine() throws {
        let site = try Site()
        defer { site.remove() }
        let (a, b) = (site.path("a"), site.path("b"))
        for (arguments, code, part) in [
            (["join", a, site.path("all"), "-o", site.path("x")], 1, "is in '\(a)' and in '\(site.path("all"))'"),
            (["join", a, b, "-o", site.path("all")], 1, "holds an index already"),
            (["join", a, site.path("none"), "-o", site.path("x")], 1, "is no index"),
            (["join", a, b, "-o", site.path("x"), "--to", "2"], 2, "--merge"),
            (["join", "-o", site.path("x")], 2, "parts"),
            (["search", a, "far", "stars"], 2, "in quotes"),
            (["search", a, b, site.path("all"), "stars"], 1, "is in '"),
            (["search", a, b], 2, "the last argument is the query"),
            (["search", a, "stars", "--lists"], 2, "--topics"),
            (["search", a, "--topics", site.path("t.tsv"), "--lists"], 2, "--output"),
            (["search", a, "--topics", site.path("t.tsv"), "--gather", site.path("t.tsv")], 1, "first line"),
            (
                ["search", a, "--topics", site.path("t.tsv"), "--statistics", site.path("t.tsv")], 1,
                "of another search"
            ),
            (
                ["search", a, "--topics", site.path("t.tsv"), "--lists", "-o", "x", "--feedback", "rm3"], 2,
                "--feedback"
            ),
            (["stats", a, "--statistics", site.path("x")], 2, "--topics"),
            (["search", a, "stars", "--shard", b, "--commit", "1"], 2, "--commit"),
            (["plan", "--documents", "-1"], 2, "--documents"),
            (["plan", "--documents", "10", "--utilisation", "1"], 2, "--utilisation"),
            (["plan", "--documents", "10", "--terms", "0", "--words", "0"], 2, "cannot both be 0"),
        ] as [([String], Int32, String)] {
            let found = try CommandLineTool.run(arguments)
            #expect(found.code == code && found.error.contains(part), "\(arguments): \(found.code) \(found.error)")
            if code == 1 {
                let complaints = found.error.split(separator: "\n").filter { $0.hasPrefix("apus: ") }
                #expect(complaints.count == 1, "\(found.error)")
            }
            #expect(!FileManager.default.fileExists(atPath: site.path("x")))
        }
    }
}
