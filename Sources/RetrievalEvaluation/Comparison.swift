/// Two evaluations side by side: for each measure the difference, its p value, and the queries won, tied and lost.
public struct Comparison: Sendable {
    /// The tag of the first system, the baseline.
    public let first: String
    /// The tag of the second system.
    public let second: String
    /// What was compared.
    public let measures: [Measure]
    /// One entry for each measure.
    public let significances: [Significance]

    /// Compares `second` with the baseline `first`.
    ///
    /// The p values are not corrected for the number of comparisons; ``ComparisonFamily`` does that for all that is shown.
    ///
    /// - Complexity: O(measures × queries), times the samples for the randomisation test.
    /// - Throws: ``EvaluationError/notComparable(detail:)`` when the measures or the judged queries differ.
    public init(
        _ first: Evaluation, _ second: Evaluation,
        test: SignificanceTest = .randomisation(samples: 10_000, seed: 42)
    ) throws(EvaluationError) {
        guard first.measures == second.measures else { throw .notComparable(detail: "they have different measures") }
        guard first.judgedQueries == second.judgedQueries else {
            throw .notComparable(
                detail: "\(first.judgedQueries.count) and \(second.judgedQueries.count) judged queries are not the same"
            )
        }
        self.first = first.tag
        self.second = second.tag
        measures = first.measures
        var significances: [Significance] = []
        for index in first.measures.indices {
            let a = first.judgedQueries.map { first.perQuery[$0]?[index] ?? 0 }
            let b = first.judgedQueries.map { second.perQuery[$0]?[index] ?? 0 }
            significances.append(try Significance(first: a, second: b, test: test))
        }
        self.significances = significances
    }

    /// Bonferroni's correction: each p value times their number, at most 1.
    ///
    /// - Complexity: O(n).
    public static func bonferroni(_ pValues: [Double]) -> [Double] {
        pValues.map { min(1, $0 * Double(pValues.count)) }
    }

    /// Holm's correction: p values that hold for the whole family of comparisons, in the order given.
    ///
    /// Source: Holm, "A simple sequentially rejective multiple test procedure", 1979.
    /// - Complexity: O(n log n).
    public static func holm(_ pValues: [Double]) -> [Double] {
        var corrected = pValues
        var highest = 0.0
        for (place, index) in pValues.indices.sorted(by: { pValues[$0] < pValues[$1] }).enumerated() {
            highest = max(highest, min(1, Double(pValues.count - place) * pValues[index]))
            corrected[index] = highest
        }
        return corrected
    }
}
