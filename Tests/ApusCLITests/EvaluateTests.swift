import ApusTestSupport
import Foundation
import Testing

/// What cannot be measured is an error, and what was left out is said.
@Suite struct EvaluateTests {
    private let folder: String

    init() throws { folder = try TestPaths.temporaryDirectory() }

    private func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        return folder + "/" + name
    }

    private func evaluate(_ run: String, _ qrels: String, _ more: String...) throws -> CommandLineTool.Result {
        try CommandLineTool.run(["evaluate", "--qrels", write("qrels", qrels), write("run", run)] + more)
    }

    @Test func aRunOfOtherQueriesIsRefused() throws {
        let result = try evaluate("9 Q0 a 1 1 t\n", "1 0 a 1\n2 0 a 1\n3 0 a 1\n4 0 a 1\n")
        #expect(result.code == 1 && result.output.isEmpty)
        #expect(result.error.contains("its queries are '9', those judged '1', '2', '3', …"), "\(result.error)")
        #expect(result.error.split(separator: "\n").count == 1)
    }

    @Test func judgementsThatHoldNoneAreRefused() throws {
        for qrels in ["", "# nothing\n", "query-id\tcorpus-id\tscore\n"] {
            let result = try evaluate("1 Q0 a 1 1 t\n", qrels)
            #expect(result.code == 1 && result.error.contains("holds no judgements"), "\(result.error)")
        }
    }

    @Test func partialOverlapsAreCounted() throws {
        let result = try evaluate("1 Q0 a 1 1 t\n8 Q0 a 1 1 t\n9 Q0 a 1 1 t\n", "1 0 a 1\n2 0 a 1\n")
        #expect(result.code == 0)
        #expect(result.error.contains("1 of 2 judged queries have no result and count 0"), "\(result.error)")
        #expect(result.error.contains("2 queries have no judgements"), "\(result.error)")
        let empty = try evaluate("", "1 0 a 1\n")
        #expect(empty.code == 0 && empty.error.contains("no result at all"), "\(empty.error)")
        let strange = try evaluate("1 Q0 z 1 1 t\n", "1 0 a 1\n")
        #expect(strange.error.contains("none of its documents is judged"), "\(strange.error)")
    }

    /// beir's ignore_identical_ids; see the README of beir on ArguAna and Quora.
    @Test func queriesThatFoundThemselvesAreSaidAndCanBeLeftOut() throws {
        let (run, qrels) = ("q Q0 q 1 2 t\nq Q0 d 2 1 t\n", "q 0 d 1\n")
        let with = try evaluate(run, qrels, "-m", "RR")
        #expect(with.output.contains("0.5000") && with.error.contains("--ignore-identical-ids"), "\(with.error)")
        let without = try evaluate(run, qrels, "-m", "RR", "--ignore-identical-ids")
        #expect(without.output.contains("1.0000") && without.error.contains("left out of 1"), "\(without.error)")
    }

    @Test(arguments: ["nan", "inf", "-inf", "1e400", "x", ""])
    func aScoreThatIsNoneIsNamedByLine(score: String) throws {
        let result = try evaluate("1 Q0 a 1 1 t\n1 Q0 b 2 \(score) t\n", "1 0 a 1\n")
        #expect(result.code == 1 && result.error.contains("line 2"), "\(result.error)")
    }

    /// Queries in turns, so that a document's first line is far away.
    @Test func aDocumentTwiceIsNamedWithBothLines() throws {
        let result = try evaluate("1 Q0 a 1 3 t\n2 Q0 a 1 3 t\n1 Q0 b 2 2 t\n2 Q0 a 1 3 t\n1 Q0 a 3 1 t\n", "1 0 a 1\n")
        #expect(result.code == 1)
        #expect(result.error.contains("line 4: document 'a' for query '2' is already on line 2"), "\(result.error)")
    }

    /// JSON's members may not fall together where a dictionary of Swift strings would.
    @Test func spellingsOfAQueryStayTwo() throws {
        let (one, two) = ("caf\u{E9}", "cafe\u{301}")
        let result = try evaluate(
            "\(one) Q0 a 1 1 t\n\(two) Q0 b 1 1 t\n", "\(one) 0 a 1\n\(two) 0 a 1\n", "--json", "-m", "RR")
        #expect(result.output.contains("\"judgedQueries\" : 2"), "\(result.output)")
        #expect(result.output.utf8.count { $0 == UInt8(ascii: "R") } == 6)
        #expect(Data(result.output.utf8).range(of: Data("\"\(one)\" : {".utf8)) != nil)
        #expect(Data(result.output.utf8).range(of: Data("\"\(two)\" : {".utf8)) != nil)
    }

    @Test func comparisonsAreCorrectedAndSaidHow() throws {
        let qrels = (0..<30).map { "\($0) 0 a 1\n" }.joined()
        func run(_ hit: Int) -> String {
            (0..<30).map { "\($0) Q0 \($0 % 5 < hit ? "a" : "b") 1 1 t\n\($0) Q0 c 2 .5 t\n" }.joined()
        }
        let (good, bad) = (try write("good", run(5)), try write("bad", run(1)))
        let arguments = ["evaluate", "--qrels", try write("qrels", qrels), good, bad, "-m", "RR AP NumQ"]
        for more in [[], ["--significance", "randomisation"]] {
            let result = try CommandLineTool.run(arguments + more)
            #expect(result.code == 0, "\(result.error)")
            #expect(result.output.contains("1.0000b") && result.output.contains("0.2000 "), "\(result.output)")
            #expect(result.output.contains("Holm's correction for 2 comparisons"), "\(result.output)")
        }
        let json = try CommandLineTool.run(arguments + ["--json"])
        #expect(json.output.contains("\"correctedPValue\""))
        #expect(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) is [Any])
    }
}
