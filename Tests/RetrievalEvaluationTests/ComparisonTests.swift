import ApusTestSupport
import ByteStrings
import RetrievalEvaluation
import Testing

/// p values of the t-test: scipy through Scripts/oracles/measures; of the randomisation test: all sign patterns, counted here.
@Suite struct ComparisonTests {
    @Test func theTTestEqualsScipy() throws {
        let rows = try MeasureFixtures.rows("significance.tsv")
        let measures = try rows.map { try Measure(parsing: String($0[0])) }
        let qrels = try MeasureFixtures.qrels()
        let first = Evaluation(of: try MeasureFixtures.run("a"), against: qrels, measures: measures)
        let second = Evaluation(of: try MeasureFixtures.run("b"), against: qrels, measures: measures)
        let comparison = try Comparison(first, second, test: .pairedT)
        #expect(rows.count > 20)
        for (row, significance) in zip(rows, comparison.significances) {
            let expected = Double(row[1]) ?? .nan
            // Values of gdeval are rounded, so their p values are close only.
            let tolerance = row[0].hasPrefix("ERR") || row[0].contains("exp") ? 1e-3 : 1e-6
            #expect(abs(significance.pValue - expected) <= tolerance * max(expected, 1e-3), "\(row)")
            #expect(significance.wins + significance.ties + significance.losses == 30)
        }
        #expect(comparison.first == "a" && comparison.second == "b")
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func theRandomisationTestApproachesAllSignPatterns(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let count = Int.random(in: 2...10, using: &random)
        let first = (0..<count).map { _ in Double(Int.random(in: 0...4, using: &random)) / 4 }
        let second = (0..<count).map { _ in Double(Int.random(in: 0...4, using: &random)) / 4 }
        let found = try Significance(first: first, second: second, test: .randomisation(samples: 4000, seed: seed))
        let differences = zip(first, second).map { $1 - $0 }
        let seen = abs(differences.reduce(0, +)) - 1e-9
        let extreme = (0..<1 << count).count { pattern in
            abs(differences.enumerated().reduce(0) { $0 + ($1.element) * (pattern >> $1.offset & 1 == 0 ? 1 : -1) })
                >= seen
        }
        #expect(abs(found.pValue - Double(extreme) / Double(1 << count)) < 0.04)
        #expect(abs(found.meanDifference - differences.reduce(0, +) / Double(count)) < 1e-12)
        #expect(found.wins == differences.count { $0 > 0 } && found.losses == differences.count { $0 < 0 })
    }

    @Test func equalSystemsDoNotDiffer() throws {
        for test in [SignificanceTest.pairedT, .randomisation(samples: 100, seed: 1)] {
            let same = try Significance(first: [0.5, 1, 0], second: [0.5, 1, 0], test: test)
            #expect(same.pValue == 1 && same.ties == 3 && same.meanDifference == 0)
            #expect(try Significance(first: [], second: [], test: test).pValue == 1)
            #expect(try Significance(first: [0], second: [1], test: test).pValue == 1)
        }
        #expect(throws: EvaluationError.self) { _ = try Significance(first: [1], second: [1, 2]) }
    }

    @Test func differentQueriesCannotBeCompared() throws {
        let measures = [try Measure(parsing: "AP")]
        let run = Run(tag: "x")
        let one = Evaluation(of: run, against: Qrels(grades: ["1": ["a": 1]]), measures: measures)
        let two = Evaluation(of: run, against: Qrels(grades: ["2": ["a": 1]]), measures: measures)
        let other = Evaluation(of: run, against: Qrels(grades: ["1": ["a": 1]]), measures: [])
        #expect(throws: EvaluationError.self) { _ = try Comparison(one, two) }
        #expect(throws: EvaluationError.self) { _ = try Comparison(one, other) }
    }

    @Test func holmKeepsTheOrderAndNeverShrinksAPValue() {
        // By hand: sorted 0.01·4, 0.02·3, 0.03·2, 0.5·1, each at least the one before.
        let corrected = Comparison.holm([0.03, 0.01, 0.5, 0.02])
        let expected = [0.06, 0.04, 0.5, 0.06]
        #expect(zip(corrected, expected).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(Comparison.holm([]) == [])
        #expect(Comparison.holm([0.9, 0.8]) == [1, 1])
    }
}
