public import InvertedIndex

/// A text as learned terms, and how they were made.
public struct LearnedQuery: Sendable {
    /// The terms.
    public var query: Query
    /// The side of the model that made them, or `vectors`; part of a run's tag.
    public var side: String
    /// How the index weights terms beside the model, `-idf0.5-norm0.25`; part of a run's tag.
    var weighting = ""
    /// Whether the text is longer than the encoder reads, so that its end has no part in them.
    public var isTruncated = false
    /// Light terms that ``SearchOptions/queryTerms`` cut off.
    var cutTerms = 0

    /// A query, or why there is none.
    enum Outcome {
        case made(LearnedQuery)
        case missing(reason: String)
    }

    /// For people.
    static let truncationNote =
        "the query is longer than the encoder reads; the learned field was searched with its beginning."
}
