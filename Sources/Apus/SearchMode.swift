/// Which ranking answers a query.
public enum SearchMode: String, Sendable, CaseIterable, Codable {
    /// BM25 over words.
    case bm25
    /// The learned sparse field alone.
    case splade
    /// Both, fused.
    case hybrid
}
