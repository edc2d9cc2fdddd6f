import ApusTestSupport
import RetrievalEvaluation
import Testing

/// What is chosen is the best, and what is expected of it comes from queries that had no part in the choice.
@Suite struct NestedValidationTests {
    @Test func everyQueryIsHeldOutOnceAndHasNoPartInItsChoice() {
        var random = SplitMix64(seed: 1)
        let values = (0..<23).map { _ in (0..<6).map { _ in Double.random(in: 0...1, using: &random) } }
        let found = NestedValidation(values: values, folds: 5, seed: 7, preferred: 0)
        #expect(found.folds.flatMap(\.queries).sorted() == Array(0..<23))
        #expect(found.folds.map(\.queries.count).sorted() == [4, 4, 5, 5, 5])
        for fold in found.folds {
            let others = Set(0..<23).subtracting(fold.queries)
            func mean(_ queries: some Collection<Int>, _ choice: Int) -> Double {
                queries.reduce(0) { $0 + values[$1][choice] } / Double(queries.count)
            }
            let best = (0..<6).map { mean(others, $0) }.max() ?? 0
            #expect(abs(mean(others, fold.chosen) - best) < 1e-12 && abs(fold.inner - best) < 1e-12)
            #expect(abs(fold.outer - mean(fold.queries, fold.chosen)) < 1e-12)
            for query in fold.queries { #expect(found.outer[query] == values[query][fold.chosen]) }
        }
        let again = NestedValidation(values: values, folds: 5, seed: 7, preferred: 0)
        #expect(again.folds == found.folds)
        #expect(NestedValidation(values: values, folds: 5, seed: 8, preferred: 0).folds != found.folds)
    }

    /// Five hundred configurations of pure noise around .5: the best looks much better, and the estimate is not taken in.
    @Test func noiseIsSeenThrough() {
        var random = SplitMix64(seed: 2)
        let values = (0..<40).map { _ in (0..<500).map { _ in Double.random(in: 0...1, using: &random) } }
        let found = NestedValidation(values: values, folds: 5, seed: 1, preferred: 0)
        #expect(found.apparent > 0.6)
        #expect(abs(found.estimate - 0.5) < 0.15 && found.estimate < found.apparent - 0.03)
    }

    @Test func whatIsThereStaysUnlessAnotherIsBetter() {
        let values = (0..<10).map { _ in [0.3, 0.5, 0.5, 0.4] }
        #expect(NestedValidation(values: values, folds: 2, seed: 1, preferred: 2).chosen == 2)
        #expect(NestedValidation(values: values, folds: 2, seed: 1, preferred: 0).chosen == 1)
        let found = NestedValidation(values: values, folds: 2, seed: 1, preferred: 3)
        #expect(found.chosen == 1 && abs(found.apparent - 0.5) < 1e-12 && abs(found.estimate - 0.5) < 1e-12)
    }

    @Test func intervalsHoldTheMean() {
        var random = SplitMix64(seed: 3)
        let values = (0..<200).map { _ in Double.random(in: 0...1, using: &random) }
        let interval = NestedValidation.interval(values, seed: 1)
        // The standard error of 200 uniform numbers is .0204.
        #expect(interval.contains(values.reduce(0, +) / 200))
        #expect(abs(interval.upperBound - interval.lowerBound - 2 * 1.96 * 0.0204) < 0.01)
    }
}
