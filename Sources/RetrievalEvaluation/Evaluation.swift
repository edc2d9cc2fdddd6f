public import ByteStrings

/// The measures of a run, for each judged query and over all of them.
///
///     let qrels = try QrelsFile.read("qrels.txt").qrels
///     let run = try RunFile.read("run.txt")
///     let measures = try Measure.list(parsing: "nDCG@10 AP R@100")
///     let evaluation = Evaluation(of: run, against: qrels, measures: measures)
///     print(evaluation.means, evaluation.judgedQueries.count)
///
/// Every query of the qrels counts, as with `trec_eval -c`: one without results scores 0, and so does one without any
/// relevant document (trec_eval keeps it in the average; so does ir_measures). Queries without judgements are ignored.
public struct Evaluation: Sendable {
    /// The tag of the measured run.
    public let tag: String
    /// What was measured, in the order of all values below.
    public let measures: [Measure]
    /// Judged query → its values, one for each measure.
    public let perQuery: [ByteString: [Double]]
    /// The mean of each measure over all judged queries; the sum for ``Measure/isSummed`` measures.
    public let means: [Double]
    /// The queries of the qrels, in order of their bytes.
    public let judgedQueries: [ByteString]
    /// The judged queries for which the run has no document; each counts 0.
    public let queriesWithoutResults: [ByteString]
    /// The queries of the run that have no judgements; they were ignored.
    public let unjudgedQueries: [ByteString]
    /// Results that have a judgement.
    public let judgedResults: Int

    /// Measures a run.
    ///
    /// - Complexity: O(r · m + j log j) for r results, m measures and j judgements.
    public init(of run: Run, against qrels: Qrels, measures: [Measure]) {
        tag = run.tag
        self.measures = measures
        judgedQueries = qrels.grades.keys.sorted()
        queriesWithoutResults = judgedQueries.filter { run[$0].isEmpty }
        unjudgedQueries = run.rankings.keys.filter { qrels.grades[$0] == nil }.sorted()
        var perQuery: [ByteString: [Double]] = [:]
        var judgedResults = 0
        var sums = [Double](repeating: 0, count: measures.count)
        for query in judgedQueries {
            let ranking = JudgedRanking(run[query], judgements: qrels.grades[query] ?? [:])
            judgedResults += ranking.grades.count { $0 != JudgedRanking.notInPool }
            let values = measures.map { $0.value(ranking) }
            for (index, value) in values.enumerated() { sums[index] += value }
            perQuery[query] = values
        }
        let count = Double(max(1, judgedQueries.count))
        means = zip(measures, sums).map { $0.isSummed ? $1 : $1 / count }
        self.perQuery = perQuery
        self.judgedResults = judgedResults
    }

    /// Whether the run answers none of the judged queries: the two are hardly of the same collection and split.
    public var sharesNoQuery: Bool { queriesWithoutResults.count == judgedQueries.count }

    /// The value of one measure over all queries, or nil when it was not measured.
    public subscript(measure: Measure) -> Double? { measures.firstIndex(of: measure).map { means[$0] } }
}
