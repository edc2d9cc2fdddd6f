public import RetrievalEvaluation

/// Writes a TREC run file, `qid Q0 docid rank score tag`, so that every evaluator sees the documents in the order given.
///
/// Evaluators ignore the rank and sort by score, many as 32-bit floats, and break ties each in its own way. So scores are written
/// as 32-bit floats in their shortest exact form, and a score that is not below the one before it becomes the next smaller
/// float: see ``strictlyDecreasing(_:)``. The order is thus kept by trec_eval, pytrec_eval, ir_measures and ranx.
///
/// Where it goes, and what a name that ends in `.gz` means, says ``OutputFile``.
public final class RunWriter {
    private let path: String
    private let tag: String
    private let file: OutputFile
    private let keepsDoubles: Bool

    /// Starts a run file.
    ///
    /// - Parameter keepsDoubles: Writes a score as it is where its 32-bit float is below the one before it.
    /// - Throws: ``FormatError/badID(path:line:what:id:)`` for a tag with white space, ``FormatError/io(path:operation:code:)``.
    public init(path: String, tag: String, keepsDoubles: Bool = false) throws(FormatError) {
        self.path = path
        self.keepsDoubles = keepsDoubles
        self.tag = try ExternalID.checked(tag, "run tag", path: path, line: 1)
        file = try OutputFile(path: path)
    }

    /// Appends the ranking of one query, best document first.
    ///
    /// - Parameter tag: The system's name for this query, when it is another than the run's.
    /// - Throws: ``FormatError/unwritable(path:detail:)`` for a score beyond ±1e38 or not a number, ``FormatError/badID(path:line:what:id:)``
    ///   for an id with white space, ``FormatError/io(path:operation:code:)``.
    /// - Complexity: O(n) for n documents.
    public func write(
        _ ranking: [ScoredDocument], for query: String, tag: String? = nil
    ) throws(FormatError) {
        let tag = tag ?? self.tag
        _ = try ExternalID.checked(tag, "run tag", path: path, line: 1)
        _ = try ExternalID.checked(query, "query id", path: path, line: 1)
        for document in ranking {
            _ = try ExternalID.checked(document.id, "document id", path: path, line: 1)
            guard abs(document.score) <= 1e38 else {
                throw .unwritable(
                    path: path,
                    detail: "the score \(document.score) of '\(document.id)' for query '\(query)' is no 32-bit float")
            }
        }
        try file.write(RunWriter.lines(ranking, query: query, tag: tag, keepsDoubles: keepsDoubles))
    }

    /// Completes the file.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    public func close() throws(FormatError) { try file.close() }

    /// The lines of one query.
    ///
    /// - Complexity: O(n) for n documents.
    public static func lines(
        _ ranking: [ScoredDocument], query: String, tag: String, keepsDoubles: Bool = false
    ) -> String {
        var text = ""
        for (index, score) in strictlyDecreasing(ranking.map(\.score)).enumerated() {
            let own = ranking[index].score
            let shown = keepsDoubles && Float(own) == score ? "\(own)" : "\(score)"
            text += "\(query) Q0 \(ranking[index].id) \(index + 1) \(shown) \(tag)\n"
        }
        return text
    }

    /// The scores as 32-bit floats, each at most its own value and below the one before it, changed as little as that allows.
    ///
    /// Numbers too small for a normal float are passed over, because some evaluators treat them as 0.
    ///
    /// - Complexity: O(n).
    public static func strictlyDecreasing(_ scores: [Double]) -> [Float] {
        var previous = Float.infinity
        return scores.map { score in
            let rounded = Float(score)
            previous = min(rounded.isSubnormal ? 0 : rounded, below(previous))
            return previous
        }
    }

    private static func below(_ value: Float) -> Float {
        let next = value.nextDown
        if next.isSubnormal { return value > 0 ? 0 : -Float.leastNormalMagnitude }
        return next
    }
}
