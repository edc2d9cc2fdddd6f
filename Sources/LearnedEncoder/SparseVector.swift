/// A text as vocabulary terms with positive weights, not yet quantised.
public struct SparseVector: Sendable, Equatable {
    /// Term ids, ascending, each once.
    public var terms: [UInt32]
    /// The weight of each term, natural-log units for learned terms, same count as ``terms``.
    public var weights: [Float]
    /// Whether the text was longer than the encoder reads and its end was left out.
    public var isTruncated: Bool
    /// The passages that the text was read in; 1 unless it was split.
    public var passages = 1
    /// The vectors of the passages, in their order, where these stay apart and there are several; ``terms`` and ``weights`` then are the
    /// largest weights of all of them.
    public var parts: [PassageVector] = []

    /// Pairs terms with weights; `terms` ascending and as many as `weights`.
    public init(terms: [UInt32] = [], weights: [Float] = [], isTruncated: Bool = false) {
        self.terms = terms
        self.weights = weights
        self.isTruncated = isTruncated
    }

    /// Positions of the terms, the largest weight first, equal weights by term.
    public var heaviestFirst: [Int] { HeaviestFirst.places(weights, terms) }
}

/// One passage of a text as vocabulary terms with positive weights.
public struct PassageVector: Sendable, Equatable {
    /// Term ids, ascending, each once.
    public var terms: [UInt32] = []
    /// The weight of each.
    public var weights: [Float] = []
    /// Where it lies in the text, from a word's beginning to a word's end, in bytes of UTF-8; nil where the tokenizer does not keep to words.
    public var bytes: Range<Int>?
}
