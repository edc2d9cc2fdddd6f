public import ByteStrings

/// Relevance judgements: which documents answer which query, and how well.
///
/// A grade of at least 1 means relevant (a measure may ask for more, as in `P(rel=2)@5`), 0 means judged and not
/// relevant. A negative grade means "in the pool, but not judged", as in trec_eval.
public struct Qrels: Sendable, Equatable {
    /// Query id → document id → grade.
    public var grades: [ByteString: [ByteString: Int]]

    /// Makes judgements from grades by query and document.
    public init(grades: [ByteString: [ByteString: Int]] = [:]) { self.grades = grades }

    /// The number of judged query-document pairs.
    ///
    /// - Complexity: O(queries).
    public var count: Int { grades.values.reduce(0) { $0 + $1.count } }

    /// The queries that have no document of grade 1 or more, in order of their bytes; each of them scores 0.
    ///
    /// - Complexity: O(judgements).
    public var queriesWithoutRelevantDocuments: [ByteString] {
        grades.filter { $0.value.values.allSatisfy { $0 < 1 } }.keys.sorted()
    }
}
