/// How a new index is made.
public struct IndexOptions: Sendable {
    /// Free pairs, stored in every commit.
    public var metadata: [String: String] = [:]
    /// Impact per unit of learned weight; nil chooses it from the first ``IndexWriter/scaleSample`` documents, with a tenth of
    /// headroom, so that it does not depend on when buffers were flushed.
    public var learnedScale: Float?
    /// How the lengths of document vectors are evened out; nil leaves them as they are.
    public var norms: VectorNorms?
    /// Memory that writing may take, in bytes: for buffered documents, and for putting them in order.
    public var memoryBytes = 1 << 30
    /// Buffered documents that make a segment, in bytes; nil for two fifths of ``memoryBytes``.
    public var flushBytes: Int?
    /// Whether documents have words.
    public var hasText = true
    /// Whether documents have learned terms.
    public var hasLearned = true
    /// What the learned field spends on an impact.
    public var profile = IndexProfile.standard

    /// The defaults.
    public init() {}
}
