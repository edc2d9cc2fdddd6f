import InvertedIndex
import LearnedEncoder

/// How a query is answered.
public struct SearchOptions: Sendable {
    /// Which ranking; nil takes hybrid where the index has a learned field, else BM25.
    public var mode: SearchMode?
    /// How many documents.
    public var hits = 10
    /// How deep each list goes before fusion.
    public var depth = 1000
    /// How hybrid lists are fused.
    public var fusion = Fusion.minMax(weight: 0.6)
    /// Weight of the learned score in fused mode, 0…1.
    public var fusedWeight = 0.6
    /// What makes the scores comparable in fused mode.
    public var fusedScaling = FusedQuery.Scaling.maximum
    /// Which documents count; nil for all. Scores stay those of the whole collection.
    public var filter: Filter?
    /// What multiplies the scores of some documents, BM25, learned and fused alike; of a hybrid answer those of both lists, before they
    /// are fused.
    public var boosts: [Boost] = []
    /// BM25's parameters.
    public var bm25 = BM25Parameters()
    /// Which side of the model encodes queries; nil takes the model's own default.
    public var side: QuerySide?
    /// Keep only this many of the heaviest learned query terms: approximate, and the tag says so; nil keeps all.
    public var queryTerms: Int?
    /// Score at most this many ranges of 32 documents in each traversal, those with the best bounds: approximate, as above;
    /// nil for all that can hold a hit.
    public var ranges: Int?
    /// Choose ranges by only this many of a query's terms, those with the largest possible shares: approximate, as above, and of
    /// use with `ranges` or `deadline`; nil for all.
    public var rangeTerms: Int?
    /// Stop scoring when this time has passed since the first traversal began (encoding comes before): approximate, as above.
    /// The first of a hybrid query's two traversals gets half of it.
    public var deadline: Duration?
    /// How posting lists are walked; every choice gives the same hits. With `ranges`, `rangeTerms` or
    /// `deadline` it goes by range.
    public var traversal = Traversal.automatic
    /// Threads for each traversal; they repay themselves on hundreds of thousands of documents.
    public var threads = 1
    /// Replay each query exhaustively and fail on a difference.
    public var verify = false

    /// The defaults.
    public init() {}
}

/// One document of an answer.
public struct RankedDocument: Sendable, Equatable, Codable {
    /// From 1.
    public var rank: Int
    /// External id.
    public var id: String
    /// The score that ranked it.
    public var score: Double
    /// Its place in the BM25 list of a hybrid answer.
    public var bm25: Placement?
    /// Its place in the learned list of a hybrid answer.
    public var learned: Placement?
    /// What BM25 and the learned field add to a fused score; nil when more than 100 documents are asked for.
    public var parts: ScoreParts?
}

/// The two summands of a fused score.
public struct ScoreParts: Sendable, Equatable, Codable {
    /// From the text field.
    public var bm25: Double
    /// From the learned field.
    public var learned: Double
}

/// The answer to one query.
public struct SearchAnswer: Sendable {
    /// The ranking that answered.
    public var mode: SearchMode
    /// Whether BM25 stood in for the mode asked for.
    public var isFallback: Bool
    /// Best first.
    public var documents: [RankedDocument]
    /// What a reader should know: fallback and its reason, unknown terms.
    public var notes: [String]
    /// For the last column of a run file.
    public var tag: String
    /// What each traversal did.
    public var searches: [SearchResult]
    /// The learned query, for statistics; empty for BM25.
    public var learnedTerms: [QueryTerm]
    /// Whether the query is longer than the encoder reads, so that its end has no part in the learned query.
    public var isTruncated = false
    /// Learned query terms that ``SearchOptions/queryTerms`` cut off.
    public var cutTerms = 0

    /// Whether the hits are proved to be the exact best of what was asked for (a hybrid answer: of both its lists).
    public var isExact: Bool { cutTerms == 0 && searches.allSatisfy(\.certificate.isExact) }
}
