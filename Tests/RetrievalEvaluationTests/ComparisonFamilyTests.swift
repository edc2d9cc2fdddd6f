import ApusTestSupport
import ByteStrings
import RetrievalEvaluation
import Testing

@Suite struct ComparisonFamilyTests {
    private func evaluations(_ measures: String) throws -> [Evaluation] {
        let qrels = try MeasureFixtures.qrels()
        let measures = try Measure.list(parsing: measures)
        let (a, b) = (try MeasureFixtures.run("a"), try MeasureFixtures.run("b"))
        return [a, b, Run(tag: "none")].map { Evaluation(of: $0, against: qrels, measures: measures) }
    }

    /// The slow twin: every pair compared, all p values corrected at once.
    @Test func pValuesHoldForAllPairsAndMeasures() throws {
        let all = try evaluations("nDCG@10 AP NumRel P@5")
        let family = try ComparisonFamily(all)
        var pValues: [Double] = []
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            let comparison = try Comparison(all[first], all[second], test: .pairedT)
            pValues += [0, 1, 3].map { comparison.significances[$0].pValue }
        }
        #expect(family.count == 9)
        let corrected = Comparison.holm(pValues)
        var place = 0
        for (first, second) in [(0, 1), (0, 2), (1, 2)] {
            for measure in [0, 1, 3] {
                let entry = family.entry(first, second, measure)
                #expect(entry.significance.pValue == pValues[place] && entry.correctedPValue == corrected[place])
                place += 1
            }
            #expect(family.entry(first, second, 2).correctedPValue == 1)
        }
    }

    @Test func onlyTheBetterOneIsBetter() throws {
        let family = try ComparisonFamily(try evaluations("nDCG@10 AP"))
        #expect(family.isBetter(0, than: 2, in: 0) && !family.isBetter(2, than: 0, in: 0))
        #expect(!family.isBetter(1, than: 1, in: 0))
        // At a level that every p value passes, exactly the one with the higher mean is better.
        #expect(family.isBetter(1, than: 0, in: 1, level: 2) != family.isBetter(0, than: 1, in: 1, level: 2))
        #expect(try ComparisonFamily([]).count == 0)
    }

    /// Twenty comparisons at p = 0.03 are what chance gives; one of them alone would be called a difference.
    @Test func chanceAmongManyComparisonsIsNoDifference() throws {
        #expect(Comparison.holm(Array(repeating: 0.03, count: 20)).allSatisfy { $0 > 0.05 })
    }
}
