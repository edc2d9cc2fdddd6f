public import InvertedIndex

/// A query that one traversal answers: of one field, or of both at once.
protocol TraversedQuery: Sendable {
    /// The learned terms, which can be cut.
    var learnedTerms: Query { get set }
    /// The queries that make it up.
    var parts: [Query] { get }
    /// The field that is searched; nil for both.
    var searchedField: Field? { get }

    /// - Parameter least: A raw score below which documents are left out.
    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int, least: UInt32
    ) throws -> SearchResult
}

extension Query: TraversedQuery {
    var learnedTerms: Query {
        get { self }
        set { self = newValue }
    }
    var parts: [Query] { [self] }
    var searchedField: Field? { field }

    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int, least: UInt32
    ) throws -> SearchResult {
        try snapshot.search(self, k: k, traversal: traversal, limits: limits, threads: threads, least: least)
    }
}

extension FusedQuery: TraversedQuery {
    var learnedTerms: Query {
        get { learned }
        set { learned = newValue }
    }
    var parts: [Query] { [text, learned] }
    var searchedField: Field? { nil }

    func search(
        _ snapshot: IndexSnapshot, k: Int, traversal: Traversal, limits: SearchLimits, threads: Int, least: UInt32
    ) throws -> SearchResult {
        try snapshot.search(self, k: k, traversal: traversal, limits: limits, threads: threads, least: least)
    }
}
