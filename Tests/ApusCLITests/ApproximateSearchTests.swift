import ApusTestSupport
import Foundation
import Testing

/// Approximate search is asked for, labelled, and proved exact where it is.
@Suite struct ApproximateSearchTests {
    private struct Answer: Decodable {
        struct Candidate: Decodable, Equatable {
            let docid: String
            let score: Double
        }
        struct Certificate: Decodable {
            let mode: String
            let exact: Bool
            let exactHits: Int
            let traversal: String
            let threshold: Double
            let unscoredBound: Double?
            let rangesScored: Int
            let ranges: Int
            let rangesCut: Int
            let cutTerms: Int
        }
        let tag: String
        let exact: Bool
        let notes: [String]
        let candidates: [Candidate]
        let certificates: [Certificate]?
    }

    private struct Report: Decodable {
        struct Setting: Decodable {
            let queryTerms: Int?
            let ranges: Int?
        }
        struct Row: Decodable {
            let setting: Setting
            let flags: String
            let recall: Double
            let mean: Double
            let provedExact: Double
            let nDCG: Double?
            let nDCGDifference: Double?
        }
        let rows: [Row]
        let interrupted: Bool
    }

    private let directory: String
    private let index: String
    private let queries: String
    private let topics: String
    private let qrels: String

    /// 700 documents of 12 terms in 22 ranges, and 6 queries of 9 terms.
    init() throws {
        let directory = try TestPaths.temporaryDirectory()
        self.directory = directory
        index = directory + "/index"
        var random = SplitMix64(seed: 5)
        func vector(_ terms: Int) -> String {
            let terms = Set((0..<terms).map { _ in Int(pow(Double.random(in: 0..<1, using: &random), 2) * 80) })
            return terms.sorted().map { "\"t\($0)\": \(Int.random(in: 1...250, using: &random))" }.joined(
                separator: ", ")
        }
        func write(_ name: String, _ lines: [String]) throws -> String {
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(
                to: URL(fileURLWithPath: directory + "/" + name))
            return directory + "/" + name
        }
        let documents = (0..<700).map {
            "{\"id\": \"d\($0)\", \"contents\": \"word\($0 % 9) word\($0 % 31)\", \"vector\": {\(vector(12))}}"
        }
        let corpus = try write("corpus.jsonl", documents)
        queries = try write("queries.jsonl", (0..<6).map { "{\"id\": \"\($0)\", \"vector\": {\(vector(12))}}" })
        topics = try write("topics.tsv", (0..<6).map { "\($0)\tword\($0) word\($0 + 20)" })
        qrels = try write("qrels.txt", (0..<6).map { "\($0) 0 d\($0 * 7) 1" })
        let built = try CommandLineTool.run("index", corpus, "--vectors", "-o", index)
        #expect(built.code == 0, "\(built.error)")
    }

    private func answers(_ more: String...) throws -> [Answer] {
        let result = try CommandLineTool.run(
            ["search", index, "--query-vectors", queries, "-k", "10", "--json", "--certificate"] + more)
        #expect(result.code == 0, "\(result.error)")
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
        }
    }

    @Test func aBudgetIsLabelledAndItsClaimsHold() throws {
        let exact = try answers("--mode", "splade", "--traversal", "exhaustive")
        #expect(exact.allSatisfy { $0.exact && $0.tag == "apus-splade-vectors" && $0.certificates?.count == 1 })
        #expect(exact.allSatisfy { $0.certificates?.first?.unscoredBound == nil })
        var proved = 0
        for ranges in [1, 4, 12, 1000] {
            for (answer, expected) in zip(
                try answers("--mode", "splade", "--ranges", "\(ranges)", "--verify"), exact)
            {
                let certificate = try #require(answer.certificates?.first)
                #expect(answer.tag == "apus-splade-vectors-approximate(ranges=\(ranges))")
                #expect(certificate.mode == "approximate" && certificate.traversal == "range")
                #expect(certificate.rangesScored <= ranges && certificate.ranges == 22)
                #expect(answer.exact == certificate.exact)
                let few = certificate.exactHits
                #expect(answer.candidates.prefix(few).map(\.docid) == expected.candidates.prefix(few).map(\.docid))
                if certificate.exact {
                    proved += 1
                    #expect(answer.candidates == expected.candidates)
                } else {
                    #expect(certificate.rangesCut > 0 && answer.notes.contains { $0.hasPrefix("approximate: ") })
                }
                if ranges == 1000 { #expect(certificate.exact && answer.notes.isEmpty) }
            }
        }
        #expect(proved >= 6)
    }

    @Test func deadlinesAndTermCutsAreLabelled() throws {
        for answer in try answers("--mode", "splade", "--deadline", "0") {
            #expect(answer.tag == "apus-splade-vectors-approximate(deadline=0ms)")
            #expect(!answer.exact && answer.candidates.isEmpty)
        }
        for answer in try answers("--mode", "splade", "--deadline", "60000", "--verify") { #expect(answer.exact) }
        for answer in try answers("--mode", "splade", "--query-terms", "3", "--ranges", "900") {
            #expect(answer.tag == "apus-splade-vectors-approximate(terms=3,ranges=900)")
            let certificate = try #require(answer.certificates?.first)
            #expect(!answer.exact && !certificate.exact && certificate.cutTerms > 0 && certificate.exactHits == 0)
        }
        for answer in try answers("--mode", "splade", "--range-terms", "2", "--ranges", "8", "--verify") {
            #expect(answer.tag == "apus-splade-vectors-approximate(ranges=8,range-terms=2)")
        }
        for mode in ["hybrid", "fused", "bm25"] {
            for answer in try answers("--mode", mode, "--topics", topics, "--ranges", "5", "--verify") {
                #expect(answer.tag.contains("-approximate(ranges=5)"))
                #expect(answer.certificates?.count == (mode == "hybrid" ? 2 : 1))
            }
        }
    }

    @Test func wrongLimitsAreWrongUsage() throws {
        for wrong in [
            ["--ranges", "0"], ["--range-terms", "4"], ["--deadline", "-1"], ["--deadline", "nan"],
            ["--ranges", "5", "--traversal", "wand"],
        ] {
            let result = try CommandLineTool.run(["search", index, "--query-vectors", queries] + wrong)
            #expect(result.code == 2, "\(wrong)")
        }
        #expect(try CommandLineTool.run("search", index, "word1", "--certificate").code == 2)
        #expect(try CommandLineTool.run("tune", index).code == 2)
        #expect(try CommandLineTool.run("tune", index, "--query-vectors", queries, "--ranges", "4").code == 2)
        #expect(try CommandLineTool.run("tune", index, "--query-vectors", queries, "--mode", "bm25").code == 2)
        let texts = try CommandLineTool.run("tune", index, "--topics", topics)
        #expect(texts.code == 1 && texts.error.contains("--query-vectors"))
    }

    @Test(arguments: ["splade", "fused"])
    func tuneMeasuresAndRecommends(mode: String) throws {
        let arguments = [
            "tune", index, "--query-vectors", queries, "--topics", topics, "--qrels", qrels, "--mode", mode,
            "--recall", "0.9", "--rounds", "1",
        ]
        let result = try CommandLineTool.run(arguments + ["--json"])
        #expect(result.code == 0, "\(result.error)")
        let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
        let base = try #require(report.rows.first)
        #expect(base.flags.isEmpty && base.recall == 1 && base.provedExact == 1 && base.nDCGDifference == 0)
        // Budgets below the 22 ranges, term cuts below the longest query.
        #expect(report.rows.compactMap { $0.setting.queryTerms == nil ? $0.setting.ranges : nil }.prefix(2) == [8, 16])
        #expect(report.rows.contains { $0.flags == "--query-terms 4" && $0.recall < 1 && $0.provedExact < 1 })
        #expect(report.rows.allSatisfy { (0...1).contains($0.recall) && $0.mean > 0 && $0.nDCG != nil })
        #expect(!report.interrupted)
        let text = try CommandLineTool.run(arguments)
        #expect(text.output.contains("Fastest with recall@10 of at least 0.9: "))
    }

    @Test func prunedIndexesSayHowAndStayAsTheyWere() throws {
        let corpus = directory + "/corpus.jsonl"
        let pruned = directory + "/pruned"
        func index(_ more: String...) throws -> CommandLineTool.Result {
            try CommandLineTool.run(["index", corpus, "--vectors", "-o", pruned] + more)
        }
        #expect(try index("--document-mass", "0.8", "--document-ratio", "0.1").code == 0)
        let stats = try CommandLineTool.run("stats", pruned).output
        #expect(stats.contains("0.8 of the mass, 0.1 of the heaviest weight"))
        let other = try index("--resume", "--document-mass", "0.7")
        #expect(other.code == 1 && other.error.contains("0.8 of the mass") && other.error.contains("0.7 of the mass"))
        #expect(try index("--resume", "--document-mass", "0.8", "--document-ratio", "0.1").code == 0)
        #expect(try index("--resume").code == 0)
        #expect(try index("--replace", "--document-mass", "1.5").code == 2)
        #expect(try index("--replace", "--document-ratio", "0").code == 2)
    }
}
