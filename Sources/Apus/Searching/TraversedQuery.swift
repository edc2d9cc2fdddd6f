public import InvertedIndex

/// A query that one traversal answers: of one field, or of both at once.
protocol TraversedQuery: Sendable {
    /// The learned terms, which can be cut.
    var learnedTerms: Query { get set }

    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int
    ) throws -> SearchResult
}

extension Query: TraversedQuery {
    var learnedTerms: Query {
        get { self }
        set { self = newValue }
    }

    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int
    ) throws -> SearchResult {
        try snapshot.search(self, k: k, traversal: traversal, limits: limits, threads: threads)
    }
}

extension FusedQuery: TraversedQuery {
    var learnedTerms: Query {
        get { learned }
        set { learned = newValue }
    }

    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int
    ) throws -> SearchResult {
        try snapshot.search(self, k: k, traversal: traversal, limits: limits, threads: threads)
    }
}
