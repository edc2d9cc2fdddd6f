/// What can go wrong when a run is measured.
public enum EvaluationError: Error, Equatable, Sendable {
    /// The measure's name is unknown.
    case unknownMeasure(String)
    /// The measure is known, but needs what Apus does not have.
    case unsupportedMeasure(String, reason: String)
    /// The measure is known, but a parameter or cut-off of it is not possible.
    case badParameter(measure: String, detail: String)
    /// The text holds no measure at all.
    case noMeasure
    /// Two evaluations cannot be compared: their measures or their judged queries differ.
    case notComparable(detail: String)
    /// Runs cannot be fused in this way.
    case notFusable(detail: String)
    /// A file of judgements has none.
    case noJudgements(path: String)
    /// A run, or a file of topics, and the judgements have no query in common.
    case noSharedQuery(path: String, queries: [String], qrels: String, judged: [String])
}

extension EvaluationError: CustomStringConvertible {
    /// One line: what happened and what to do.
    public var description: String {
        switch self {
        case .unknownMeasure(let name):
            "'\(name)' is not a known measure. Known are \(Measure.examples)."
        case .unsupportedMeasure(let name, let reason):
            "'\(name)' cannot be measured here: \(reason)."
        case .badParameter(let measure, let detail):
            "The measure '\(measure)' is not possible: \(detail)."
        case .noMeasure:
            "No measure is given. Name at least one, for example 'nDCG@10'."
        case .notComparable(let detail):
            "The evaluations cannot be compared: \(detail). Use the same qrels and measures for all runs."
        case .notFusable(let detail):
            "The runs cannot be fused: \(detail). Give one weight for each run."
        case .noJudgements(let path):
            "'\(path)' holds no judgements. Give lines of 'query 0 document grade'."
        case .noSharedQuery(let path, let queries, let qrels, let judged):
            "'\(path)' has no query that '\(qrels)' judges: its queries are \(Self.sample(queries)), those judged "
                + "\(Self.sample(judged)). Take topics and judgements of the same collection and split."
        }
    }
    private static func sample(_ queries: [String]) -> String {
        queries.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + (queries.count > 3 ? ", …" : "")
    }
}
