/// Every system beside every other in every measure, with p values that hold for all of these comparisons together.
///
///     let family = try ComparisonFamily([bm25, splade, hybrid])
///     family.isBetter(2, than: 0, in: 1)      // hybrid beats bm25 in the second measure
///
/// A table of 3 systems and 5 measures makes 15 comparisons; uncorrected, about every second such table of equal systems would show
/// a difference at 0.05. Holm's correction keeps that at one in twenty.
public struct ComparisonFamily: Sendable {
    /// Two systems in one measure.
    public struct Entry: Sendable {
        /// The difference of the second to the first, wins, ties and losses.
        public let significance: Significance
        /// The p value after Holm's correction; as it is for measures that no two runs can differ in.
        public let correctedPValue: Double
    }

    /// How many comparisons the p values are corrected for.
    public let count: Int
    private let systems: Int
    /// For each pair in the order of ``place(_:_:)``, one entry for each measure.
    private let entries: [[Entry]]

    /// Compares the systems, each pair once.
    ///
    /// - Complexity: O(systems² × measures × queries), times the samples for the randomisation test.
    /// - Throws: ``EvaluationError/notComparable(detail:)`` when the measures or the judged queries differ.
    public init(_ evaluations: [Evaluation], test: SignificanceTest = .pairedT) throws(EvaluationError) {
        systems = evaluations.count
        var pairs: [[Significance]] = []
        for (second, evaluation) in evaluations.enumerated() {
            for first in 0..<second {
                pairs.append(try Comparison(evaluations[first], evaluation, test: test).significances)
            }
        }
        let measures = evaluations.first?.measures ?? []
        let tested = measures.indices.filter { measures[$0].isOfTheRun }
        let corrected = Comparison.holm(pairs.flatMap { pair in tested.map { pair[$0].pValue } })
        count = corrected.count
        var next = 0
        entries = pairs.map { pair in
            pair.enumerated().map { index, significance in
                guard measures[index].isOfTheRun else {
                    return Entry(significance: significance, correctedPValue: significance.pValue)
                }
                next += 1
                return Entry(significance: significance, correctedPValue: corrected[next - 1])
            }
        }
    }

    /// The comparison of `second` with `first`, which comes before it, in the measure at that place.
    public func entry(_ first: Int, _ second: Int, _ measure: Int) -> Entry {
        precondition(0 <= first && first < second && second < systems, "two systems in their order")
        return entries[place(first, second)][measure]
    }

    /// Whether one system has the higher mean, with a corrected p value below `level`.
    public func isBetter(_ one: Int, than other: Int, in measure: Int, level: Double = 0.05) -> Bool {
        guard one != other else { return false }
        let entry = entry(min(one, other), max(one, other), measure)
        let difference = entry.significance.meanDifference
        return entry.correctedPValue < level && (one > other ? difference > 0 : difference < 0)
    }

    /// (0, 1), (0, 2), (1, 2), (0, 3), …
    private func place(_ first: Int, _ second: Int) -> Int { second * (second - 1) / 2 + first }
}
