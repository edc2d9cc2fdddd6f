import ApusTestSupport
import ByteStrings
import Foundation
import RetrievalEvaluation
import Testing

/// Expected: scipy's tests and bootstrap, ranx's Fisher test, rbo's extrapolated overlap, through Scripts/oracles/comparison.
@Suite struct ComparisonOracleTests {
    private func rows(_ kind: String) throws -> [[String]] {
        let path = TestPaths.fixtures + "/RetrievalEvaluation/comparison.txt"
        return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: "\t").map(String.init) }.filter { $0[0] == kind }
    }

    private func evaluation(_ tag: String, _ values: String) throws -> Evaluation {
        // A run whose reciprocal rank cannot be any value: so each value is a share of 1,000 judged documents that were found.
        var (qrels, rankings) = (Qrels(), Run(tag: tag))
        for (number, value) in values.split(separator: ",").compactMap({ Double($0) }).enumerated() {
            let query = "\(number)"
            let found = Int((value * 1000).rounded())
            qrels.grades[.init(query)] = Dictionary(uniqueKeysWithValues: (0..<1000).map { (.init("d\($0)"), 1) })
            rankings[.init(query)] = (0..<found).map { ScoredDocument(id: "d\($0)", score: Double(-$0)) }
        }
        return Evaluation(of: rankings, against: qrels, measures: [try Measure(parsing: "SetR")])
    }

    @Test func pValuesAndIntervalsAreThoseOfScipyAndRanx() throws {
        let rows = try rows("p")
        #expect(rows.count == 8)
        for row in rows {
            let comparison = try SystemComparison(of: [evaluation("a", row[1]), evaluation("b", row[2])])
            let entry = try #require(comparison.entries.first)
            let expected = row[3...].map { Double($0) ?? .nan }
            #expect(abs(entry.tTest.pValue - expected[0]) <= 1e-8, "\(entry.tTest.pValue) \(expected)")
            // Four standard errors of 100,000 samples, and of ranx's 200,000.
            let error = 4 * (expected[1] * (1 - expected[1]) / 100_000).squareRoot() + 2e-5
            #expect(abs(entry.randomisation - expected[1]) <= error, "\(entry.randomisation) \(expected)")
            #expect(abs(entry.randomisation - expected[2]) <= 1.5 * error, "\(entry.randomisation) \(expected)")
            let width = expected[4] - expected[3]
            #expect(abs(entry.interval.lowerBound - expected[3]) <= 0.03 * width, "\(entry.interval) \(expected)")
            #expect(abs(entry.interval.upperBound - expected[4]) <= 0.03 * width, "\(entry.interval) \(expected)")
            #expect(entry.holm == entry.randomisation && entry.bonferroni == entry.randomisation)
        }
    }

    @Test func theSameSeedGivesTheSameNumbers() throws {
        let row = try rows("p")[2]
        func one(_ seed: UInt64) throws -> SystemComparison.Entry? {
            var sampling = SystemComparison.Sampling()
            sampling.seed = seed
            return try SystemComparison(of: [evaluation("a", row[1]), evaluation("b", row[2])], sampling: sampling)
                .entries.first
        }
        let (a, b, c) = (try one(1), try one(1), try one(2))
        #expect(a?.randomisation == b?.randomisation && a?.interval == b?.interval && a?.interval != c?.interval)
    }

    @Test func aBaselineIsFirstInEveryPair() throws {
        let row = try rows("p")[1]
        let all = [try evaluation("a", row[1]), try evaluation("b", row[2]), try evaluation("c", row[1])]
        let comparison = try SystemComparison(of: all, baseline: 1)
        #expect(comparison.entries.map(\.first) == [1, 1] && comparison.entries.map(\.second) == [0, 2])
        // By hand: both are the same comparison, so Bonferroni doubles it, and so does Holm.
        let entry = comparison.entries[0]
        #expect(entry.bonferroni == min(1, 2 * entry.randomisation) && entry.holm == entry.bonferroni)
        #expect(try SystemComparison(of: all).entries.count == 3)
        #expect(try SystemComparison(of: [all[0], all[0]]).entries[0].randomisation == 1)
    }

    @Test func rankBiasedOverlapEqualsThatOfRbo() throws {
        let rows = try rows("o")
        #expect(rows.count == 30)
        for row in rows {
            let lists = row[1...2].map { $0.split(separator: ",").map { ScoredDocument(id: String($0), score: 0) } }
            let value = RankingOverlap.rankBiased(lists[0], lists[1])
            #expect(abs(value - (Double(row[3]) ?? .nan)) <= 1e-8, "\(value) \(row)")
            #expect(RankingOverlap.rankBiased(lists[1], lists[0]) == value)
        }
    }

    /// By hand.
    @Test func overlapOfTheFirstDocuments() {
        func list(_ ids: String...) -> [ScoredDocument] { ids.map { ScoredDocument(id: $0, score: 0) } }
        #expect(RankingOverlap.jaccard(list("a", "b", "c"), list("c", "b", "a"), depth: 2) == 1.0 / 3)
        #expect(RankingOverlap.jaccard([], [], depth: 10) == 1 && RankingOverlap.jaccard(list("a"), [], depth: 10) == 0)
        #expect(RankingOverlap.rankBiased([], []) == 1 && RankingOverlap.rankBiased([], list("a")) == 0)
        #expect(abs(RankingOverlap.rankBiased(list("a", "b"), list("a", "b")) - 1) < 1e-12)
    }
}
