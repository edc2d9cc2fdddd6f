import ApusTestSupport
import Foundation
import Testing

/// `apus compare` and `apus fuse` as a user meets them; the numbers are tested in RetrievalEvaluationTests.
@Suite final class CompareTests {
    private let folder: String

    init() throws { folder = try TestPaths.temporaryDirectory() }
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    private func write(_ name: String, _ text: String) throws -> String {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name))
        return folder + "/" + name
    }

    /// Thirty queries; `good` finds the relevant document first, `bad` behind a judged one in four of five, `odd` behind unjudged ones.
    private func files() throws -> (qrels: String, good: String, bad: String, odd: String, topics: String) {
        let numbers = 0..<30
        func run(_ first: (Int) -> String) -> String {
            numbers.map { "\($0) Q0 \(first($0)) 1 3 t\n\($0) Q0 \(first($0) == "a" ? "b" : "a") 2 2 t\n" }.joined()
        }
        return (
            try write("qrels", numbers.map { "\($0) 0 a 1\n\($0) 0 b 0\n" }.joined()),
            try write("good", run { _ in "a" }), try write("bad", run { $0 % 5 == 0 ? "a" : "b" }),
            try write("odd", run { $0 % 5 == 0 ? "a" : "x" }),
            try write("topics", numbers.map { "\($0)\twhat is | number \($0)?\n" }.joined())
        )
    }

    @Test func runsAreComparedInEveryForm() throws {
        let files = try files()
        let arguments = [
            "compare", files.good, files.bad, "--qrels", files.qrels, "--topics", files.topics, "-m", "RR AP NumQ",
        ]
        let text = try CommandLineTool.run(arguments)
        #expect(text.code == 0, "\(text.error)")
        for part in [
            "0/6/24", "-0.4000", "what is | number 1?", "Jaccard@10", "2 comparisons corrected together",
            "100,000 permutations",
        ] {
            #expect(text.output.contains(part), "\(part): \(text.output)")
        }
        #expect(text.error.contains("a TREC run, 30 queries, 60 results"), "\(text.error)")
        let markdown = try CommandLineTool.run(arguments + ["--format", "markdown"]).output
        #expect(markdown.contains("| --- | ---: |") && markdown.contains("what is \\| number 1?"), "\(markdown)")
        let latex = try CommandLineTool.run(arguments + ["--format", "latex"]).output
        #expect(latex.contains("\\begin{tabular}{lrrr") && latex.contains("$<$0.0001"), "\(latex)")
        let csv = try CommandLineTool.run(arguments + ["--format", "csv"]).output
        #expect(csv.split(separator: "\n").count == 3 && csv.contains("RR,-0.4000,\"[-"), "\(csv)")
        let every = try CommandLineTool.run(arguments + ["--format", "csv", "--per-query"]).output
        #expect(every.split(separator: "\n").count == 1 + 30 * 3)
        let json = try CommandLineTool.run(arguments + ["--format", "json"]).output
        let object = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
        #expect((object?["comparisons"] as? [Any])?.count == 2 && (object?["perQuery"] as? [String: Any])?.count == 30)
    }

    /// The same documents are found by both; only that x is not judged makes the one look worse.
    @Test func aDifferenceThatMissingJudgementsExplainIsAWarning() throws {
        let files = try files()
        let odd = try CommandLineTool.run(["compare", files.good, files.odd, "--qrels", files.qrels, "-m", "RR"])
        #expect(
            odd.error.contains("warning: RR of") && odd.error.contains("are unjudged against 0.0 %"), "\(odd.error)")
        let bad = try CommandLineTool.run(["compare", files.good, files.bad, "--qrels", files.qrels, "-m", "RR"])
        #expect(!bad.error.contains("warning"), "\(bad.error)")
    }

    /// Nothing is fetched, and no text of a run or topic becomes markup.
    @Test func thePageNeedsNothingButItself() throws {
        let files = try files()
        let topics = try write("topics", (0..<30).map { "\($0)\t</script><b>\($0)</b>\n" }.joined())
        let page = folder + "/page.html"
        let result = try CommandLineTool.run(
            ["compare", files.good, files.bad, "--qrels", files.qrels, "--topics", topics, "--html", page])
        #expect(result.code == 0, "\(result.error)")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.hasPrefix("<!doctype html>") && html.contains("aria-label") && !html.contains("<b>"))
        #expect(
            html.components(separatedBy: "</script>").count == 3 && !html.contains("src=") && !html.contains("href="))
        let data = html.components(separatedBy: "id=\"data\">").last?.components(separatedBy: "</script>").first ?? ""
        let object = try JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any]
        #expect((object?["queries"] as? [Any])?.count == 30 && (object?["curves"] as? [[Double]])?.first?.count == 11)
    }

    /// A mode is a run like any other: its numbers are those of the run that `search` writes, and it has a cost.
    @Test func aModeOfAnIndexIsARun() throws {
        let corpus = try write(
            "corpus.jsonl",
            (0..<40).map { "{\"id\": \"d\($0)\", \"text\": \"fish word\($0 % 7) more\($0 % 3)\"}\n" }.joined())
        let topics = try write("topics", (0..<7).map { "\($0)\tfish word\($0)\n" }.joined())
        let qrels = try write("qrels", (0..<7).map { "\($0) 0 d\($0 * 2) 1\n\($0) 0 d\($0 + 7) 1\n" }.joined())
        let index = folder + "/index"
        #expect(try CommandLineTool.run(["index", corpus, "-o", index, "--model", "none"]).code == 0)
        let run = folder + "/run"
        #expect(try CommandLineTool.run(["search", index, "--topics", topics, "-o", run]).code == 0)
        let page = folder + "/page.html"
        let shared = ["--qrels", qrels, "--topics", topics, "--html", page]
        let result = try CommandLineTool.run(
            ["compare", run, "--index", index, "--mode", "bm25", "--format", "json"] + shared)
        #expect(result.code == 0, "\(result.error)")
        let object = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        let systems = try #require(object?["systems"] as? [[String: Any]])
        #expect(systems.map { $0["run"] as? String } == ["bm25", run])
        let means = systems.map { ($0["means"] as? [String: [String: Any]])?["nDCG@10"]?["mean"] as? Double }
        #expect(means[0] != nil && means[0] == means[1])
        let cost = try #require(systems[0]["cost"] as? [String: Any])
        // Every document has "fish", a seventh of them the other word.
        #expect(abs((cost["flops"] as? Double ?? 0) - (1 + 40.0 / 7 / 40)) < 1e-9 && systems[1]["cost"] == nil)
        #expect(try String(contentsOfFile: page, encoding: .utf8).contains("id=\"costs\""))
        let alone = try CommandLineTool.run(["evaluate", "--index", index] + shared)
        #expect(alone.code == 0, "\(alone.error)")
        let html = try String(contentsOfFile: page, encoding: .utf8)
        #expect(html.contains("<h1>Evaluation of apus-bm25</h1>") && !html.contains("<h2>Differences</h2>"))
        for wrong in [["--mode", "bm25"], ["--index", index]] {
            let refused = try CommandLineTool.run(["compare", run, run, "--qrels", qrels] + wrong)
            #expect(refused.code == 2, "\(refused.error)")
        }
    }

    @Test func theBaselineComesFirst() throws {
        let files = try files()
        let result = try CommandLineTool.run(
            [
                "compare", files.bad, files.odd, "--baseline", files.good, "--qrels", files.qrels, "-m", "RR",
                "--format", "csv",
            ])
        #expect(result.code == 0, "\(result.error)")
        let rows = result.output.split(separator: "\n").dropFirst()
        #expect(rows.count == 2 && rows.allSatisfy { $0.contains(",\(files.good),") }, "\(result.output)")
    }

    @Test(arguments: [
        ["--permutations", "0"], ["--confidence", "1"], ["-m", "nope"], ["--format", "pdf"], ["--queries", "-1"],
    ])
    func wrongUsageIsTwo(more: [String]) throws {
        let result = try CommandLineTool.run(["compare", "a", "b", "--qrels", "q"] + more)
        #expect(result.code == 2 && result.output.isEmpty, "\(result.error)")
    }

    @Test func runsAreFusedToARun() throws {
        let files = try files()
        let path = folder + "/fused"
        let result = try CommandLineTool.run(["fuse", files.good, files.bad, files.odd, "--method", "rrf", "-o", path])
        #expect(result.code == 0 && result.error.contains("3 runs, 30 queries"), "\(result.error)")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: " ")
        }
        // By hand: a is first, second and second of three lists.
        let score = lines.first { $0[0] == "1" && $0[2] == "a" }.flatMap { Double($0[4]) } ?? 0
        #expect(abs(score - (1.0 / 61 + 2.0 / 62)) < 1e-12)
        let convex = try CommandLineTool.run([
            "fuse", files.good, files.bad, "--method", "convex", "--weights", "3,1", "-k", "1",
        ])
        #expect(convex.output.split(separator: "\n").count == 30)
        #expect(convex.output.contains("1 Q0 a 1 0.75 convex\n"), "\(convex.output.prefix(200))")
    }

    @Test(arguments: [
        ["--weights", "1"], ["--weights", "1,x"], ["--normalization", "sum"], ["--floors", "0,0"], ["--rbc-p", "1"],
        ["--method", "convex", "--weights", "-1,2"], ["-k", "0"],
    ])
    func fusionsThatCannotBeAreWrongUsage(more: [String]) throws {
        let result = try CommandLineTool.run(["fuse", "a", "b"] + more)
        #expect(result.code == 2 && result.output.isEmpty, "\(result.error)")
    }

    @Test func whatWasUnderstoodIsSaid() throws {
        let run = try write("run", "1\ta\t1\n1\tb\t2\n")
        let qrels = try write("qrels", "# made by hand\n1\ta\t0.8\n1\tb\t0.1\n")
        let refused = try CommandLineTool.run(["evaluate", "--qrels", qrels, run])
        #expect(refused.code == 1 && refused.error.contains("line 2: the grade '0.8'"), "\(refused.error)")
        let result = try CommandLineTool.run([
            "evaluate", "--qrels", qrels, run, "--grade-threshold", "0.5", "-m", "RR relstring_10", "--per-query",
        ])
        #expect(result.code == 0 && result.error.contains("MS MARCO's form"), "\(result.error)")
        #expect(
            result.error.contains("grades of at least 0.5 count as 1") && result.error.contains("1 lines of comments"),
            "\(result.error)")
        #expect(result.output.contains("1.0000") && result.output.contains("10"), "\(result.output)")
        let refusedMeasure = try CommandLineTool.run(["evaluate", "--qrels", qrels, run, "-m", "alpha_nDCG@10"])
        #expect(refusedMeasure.code == 2 && refusedMeasure.error.contains("subtopics"), "\(refusedMeasure.error)")
    }

    /// trec_eval without -c: the one query that was answered; with it, half.
    @Test func averagesAreOverJudgedOrAnsweredQueries() throws {
        let (run, qrels) = (try write("run", "1 Q0 x 1 2 t\n1 Q0 a 2 1 t\n"), try write("qrels", "1 0 a 1\n2 0 a 1\n"))
        let arguments = ["evaluate", "--qrels", qrels, run, "-m", "RR"]
        #expect(try CommandLineTool.run(arguments).output.contains("0.2500"))
        #expect(try CommandLineTool.run(arguments + ["--answered-only"]).output.contains("0.5000"))
        let judged = try CommandLineTool.run(arguments + ["--judged-only"])
        #expect(judged.output.contains("0.5000") && judged.output.contains("RR(judged_only=True)"), "\(judged.output)")
    }
}
