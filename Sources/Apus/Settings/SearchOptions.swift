public import InvertedIndex
public import LearnedEncoder
public import RetrievalEvaluation

/// How a query is answered.
///
///     var options = SearchOptions()
///     options.mode = .bm25
///     options.hits = 100
///     options.bm25 = BM25Parameters(k1: 1.2, b: 0.75)
///     let answer = try index.search("why do stars shine", options)
public struct SearchOptions: Sendable {
    /// Which ranking; nil takes hybrid where the index has a learned field, else BM25.
    public var mode: SearchMode?
    /// How many documents.
    public var hits = 10
    /// How deep each list goes before fusion.
    public var depth = 1000
    /// How hybrid lists are fused; nil takes what the index was tuned to, else min-max with ``usualWeight``.
    public var fusion: Fusion?
    /// Runs from elsewhere, dense ones for example, that are fused with a hybrid query's two lists; of use with topics, whose ids they
    /// name. Documents that are not in the index, or that the filter leaves out, are left out.
    public var runs: [Run] = []
    /// Weight of the learned score in fused mode, 0…1.
    public var fusedWeight = usualWeight
    /// The weight of the learned score where nothing says another one.
    public static let usualWeight = 0.6
    /// What makes the scores comparable in fused mode.
    public var fusedScaling = FusedQuery.Scaling.maximum
    /// Whether the first documents lend terms to the query, which is then searched again; nil for no.
    public var feedback: Feedback?
    /// Which documents count; nil for all. Scores stay those of the whole collection.
    public var filter: Filter?
    /// What multiplies the scores of some documents, BM25, learned and fused alike; of a hybrid answer those of both lists, before they
    /// are fused.
    public var boosts: [Boost] = []
    /// BM25's parameters; nil takes the index's.
    public var bm25: BM25Parameters?
    /// The power of idf that multiplies the weights of learned queries, 0…2; nil takes the index's.
    public var idfPower: Double?
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
    /// Lists that shards found, which take the place of those that the index would find; for topics that are answered together.
    public var gathered: ShardLists?
    /// Lists of a first round: what their k-th documents reach is where searches for the same topics begin.
    public var least: ShardLists?
    /// The topic that is being answered.
    var topic: String?
    /// Replay each query exhaustively and fail on a difference.
    public var verify = false

    /// The defaults.
    public init() {}

    /// The same with what an index says where nothing was asked for.
    public func resolved(by settings: IndexSettings) -> SearchOptions {
        var options = self
        options.bm25 = bm25 ?? settings.bm25
        options.idfPower = idfPower ?? settings.idfPower
        options.fusion = fusion ?? settings.fusion
        return options
    }

    /// BM25's parameters in force.
    package var bm25InForce: BM25Parameters { bm25 ?? BM25Parameters() }
    /// The fusion in force.
    package var fusionInForce: Fusion { fusion ?? .minMax(weight: Self.usualWeight) }
    /// The power of idf in force.
    package var idfPowerInForce: Double { idfPower ?? 0 }
}
