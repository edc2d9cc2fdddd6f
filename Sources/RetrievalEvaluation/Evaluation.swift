public import ByteStrings
import Foundation
import ParallelWork

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
    /// Which queries the means are over.
    public enum Averaging: Sendable, Hashable {
        /// All that are judged, as with `trec_eval -c`.
        case judged
        /// Those of them for which the run has a result, as `trec_eval` without `-c` and pytrec_eval do it.
        case answered
    }

    /// The tag of the measured run.
    public let tag: String
    /// What was measured, in the order of all values below.
    public let measures: [Measure]
    /// Judged query → its values, one for each measure; 0 where the value is a text.
    public let perQuery: [ByteString: [Double]]
    /// Judged query → its texts, in the order of those measures that give one (``Measure/isText``).
    public let texts: [ByteString: [String]]
    /// Which queries the means are over.
    public let averaging: Averaging
    /// The mean of each measure over all judged queries; the sum for ``Measure/isSummed`` measures, the geometric mean for
    /// ``Measure/isGeometric`` ones.
    public let means: [Double]
    /// The queries that count, in order of their bytes: those of the qrels, or those that were answered.
    public let judgedQueries: [ByteString]
    /// The judged queries for which the run has no document; each counts 0, unless only answered queries count.
    public let queriesWithoutResults: [ByteString]
    /// The queries of the run that have no judgements; they were ignored.
    public let unjudgedQueries: [ByteString]
    /// Results that have a judgement.
    public let judgedResults: Int
    /// For each query that counts, the share of unjudged documents among its first ten.
    public let unjudgedShares: [Double]

    /// Measures a run.
    ///
    /// - Complexity: O(r · m + j log j) for r results, m measures and j judgements.
    public init(of run: Run, against qrels: Qrels, measures: [Measure], averaging: Averaging = .judged) {
        tag = run.tag
        self.measures = measures
        self.averaging = averaging
        let all = qrels.grades.keys.sorted()
        queriesWithoutResults = all.filter { run[$0].isEmpty }
        judgedQueries = averaging == .judged ? all : all.filter { !run[$0].isEmpty }
        unjudgedQueries = run.rankings.keys.filter { qrels.grades[$0] == nil }.sorted()
        var perQuery: [ByteString: [Double]] = [:]
        var texts: [ByteString: [String]] = [:]
        var judgedResults = 0
        var sums = [Double](repeating: 0, count: measures.count)
        var shares: [Double] = []
        let textual = measures.filter(\.isText)
        let needsJudged = measures.contains(where: \.isJudgedOnly)
        let queries = judgedQueries
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let found = ParallelMap.map(count: queries.count, threads: cores, chunk: 32) { range in
            queries[range].map { query in
                let ranking = JudgedRanking(
                    run[query], judgements: qrels.grades[query] ?? [:], needsJudged: needsJudged)
                let top = ranking.grades.prefix(10)
                return (
                    judged: ranking.grades.count { $0 != JudgedRanking.notInPool },
                    share: top.isEmpty ? 0 : Double(top.count { $0 < 0 }) / Double(top.count),
                    values: measures.map { $0.value(ranking) }, texts: textual.map { $0.text(ranking) }
                )
            }
        }
        for (query, one) in zip(judgedQueries, found) {
            judgedResults += one.judged
            shares.append(one.share)
            for (index, value) in one.values.enumerated() { sums[index] += value }
            perQuery[query] = one.values
            if !textual.isEmpty { texts[query] = one.texts }
        }
        let count = Double(max(1, judgedQueries.count))
        let isEmpty = judgedQueries.isEmpty
        means = zip(measures, sums).map {
            $0.isSummed ? $1 : $0.isGeometric && !isEmpty ? exp($1 / count) : $1 / count
        }
        sharesNoQuery = queriesWithoutResults.count == all.count
        self.perQuery = perQuery
        self.texts = texts
        self.judgedResults = judgedResults
        unjudgedShares = shares
    }

    /// Whether the run answers none of the judged queries: the two are hardly of the same collection and split.
    public let sharesNoQuery: Bool

    /// The value of one measure over all queries, or nil when it was not measured.
    public subscript(measure: Measure) -> Double? { measures.firstIndex(of: measure).map { means[$0] } }

    /// The values of one measure, in the order of ``judgedQueries``.
    ///
    /// - Complexity: O(queries).
    public func values(_ measure: Int) -> [Double] { judgedQueries.map { perQuery[$0]?[measure] ?? 0 } }
}
