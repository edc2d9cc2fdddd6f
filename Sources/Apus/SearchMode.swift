/// Which ranking answers a query.
public enum SearchMode: String, Sendable, CaseIterable, Codable {
    /// BM25 over words.
    case bm25
    /// The learned sparse field alone.
    case splade
    /// Both, fused.
    case hybrid
    /// Both in one traversal: the exact best by the weighted sum of the scores.
    case fused
}
