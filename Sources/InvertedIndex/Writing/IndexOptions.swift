/// How a new index is made.
public struct IndexOptions: Sendable {
    /// Free pairs, stored in every commit.
    public var metadata: [String: String] = [:]
    /// Impact per unit of learned weight; nil chooses it from the first ``IndexWriter/scaleSample`` documents, with a tenth of
    /// headroom, so that it does not depend on when buffers were flushed.
    public var learnedScale: Float?
    /// Buffered postings that make a segment, in bytes.
    public var flushBytes = 768 << 20
    /// Whether documents have words.
    public var hasText = true
    /// Whether documents have learned terms.
    public var hasLearned = true
    /// What the learned field spends on an impact.
    public var profile = IndexProfile.standard

    /// The defaults.
    public init() {}
}
