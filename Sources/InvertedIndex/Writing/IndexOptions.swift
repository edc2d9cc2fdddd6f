/// How a new index is made.
public struct IndexOptions: Sendable {
    /// Free pairs, stored in every commit.
    public var metadata: [String: String] = [:]
    /// Impact per unit of learned weight; nil chooses it from the first ``IndexWriter/scaleSample`` documents, with a tenth of
    /// headroom, so that it does not depend on when buffers were flushed.
    public var learnedScale: Float?
    /// How the lengths of document vectors are evened out; nil leaves them as they are.
    public var norms: VectorNorms?
    /// Memory that the process may take while it writes, in bytes: for buffered documents, and for putting them in order.
    public var memoryBytes = 1 << 30
    /// Buffered documents that make a segment, in bytes; nil for what ``memoryBytes`` leaves room for.
    public var flushBytes: Int?
    /// Whether segments are joined only as far as ``memoryBytes`` reaches; else as far as their format reaches.
    public var joinsWithinMemory = false
    /// Whether documents have words.
    public var hasText = true
    /// Whether documents have learned terms.
    public var hasLearned = true
    /// What the learned field spends on an impact.
    public var profile = IndexProfile.standard
    /// Whether learned vectors are stored as such beside the posting lists, for whoever asks for a document's.
    public var storesVectors = false

    /// The defaults.
    public init() {}

    /// What the program, its libraries and the store of the texts take of the memory.
    public static let fixedBytes = 64 << 20

    /// What is left for documents, buffered or changing places.
    var workBytes: Int { max(memoryBytes / 4, memoryBytes - Self.fixedBytes) }

    /// Half of that, for the rest is taken where they become a segment.
    var bufferBytes: Int { flushBytes ?? min(memoryBytes * 2 / 5, max(workBytes / 2, memoryBytes / 5)) }
}
