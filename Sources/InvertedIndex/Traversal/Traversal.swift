/// How posting lists are walked. Every choice returns the same hits, scores and order.
public enum Traversal: String, Sendable, CaseIterable, Codable {
    /// The planner chooses by field, query length, depth and size.
    case automatic
    /// Every posting of every query term, term at a time into accumulators: the oracle of all others.
    case exhaustive
    /// MaxScore: lists that cannot lift a document over the threshold alone are only looked up
    /// (Turtle and Flood, IPM 1995).
    case maxScore = "maxscore"
    /// MaxScore with block bounds before each look-up.
    case blockMaxMaxScore = "bmm"
    /// WAND: skips to the first document whose lists' bounds reach the threshold (Broder et al., CIKM 2003).
    case wand
    /// Block-max WAND: as WAND, and skips blocks whose bounds do not reach it (Ding and Suel, SIGIR 2011).
    case blockMaxWand = "bmw"
    /// Bounds of all ranges of 32 documents first, then only those that can hold a hit (after BMP; Mallia et al.,
    /// SIGIR 2024); falls back to scoring everything when too many can.
    case range
    /// Sparse lists are added up window by window, frequent ones bounded in groups of 16 documents and read for documents that can be a
    /// hit; falls back likewise. Segments without the arrays of frequent lists are scored as a whole.
    case window

    /// Whether it leaves documents out whenever their bound is below the threshold of the moment, one after another: then
    /// the threshold itself is all that is known of them.
    var leavesBelowThreshold: Bool {
        switch self {
        case .maxScore, .blockMaxMaxScore, .wand, .blockMaxWand, .window: true
        case .automatic, .exhaustive, .range: false
        }
    }
}

/// Which traversal ran, and why.
public struct QueryPlan: Sendable, Equatable {
    /// Documents from which bounding ranges first may be cheaper than scoring everything.
    static let fewestForRanges = 400_000
    /// Documents from which a segment has what the window traversal reads.
    static let fewestForWindows = 100_000
    /// Documents for each hit from which the window traversal is cheaper than scoring everything.
    static let fewestPerHit = 800

    /// The traversal that ran.
    public var traversal: Traversal
    /// One sentence.
    public var reason: String

    /// Chooses by estimated nanoseconds.
    ///
    /// Exhaustive scoring costs about 1.5 per posting and 0.15 per document (accumulators are looked through and cleared).
    /// Learned lists overlap so much that list-at-a-time pruning touches most of them; what passes over groups of documents wins
    /// once the collection is large beside the depth. At a million synthetic documents the window traversal takes a third of the time of
    /// scoring everything for the best 10, two fifths for the best 100, two thirds for the best 1,000; at 250,000 it is slower
    /// for the best 1,000 alone. The range traversal, for segments without frequent lists, takes half for the best 10 of a
    /// million, and gains nothing for more.
    ///
    /// Words: MaxScore costs about 33 for each posting it touches, a sixth of them for the best 10, half of them for the best
    /// 1,000, so it pays only when the lists are short beside the collection.
    static func make(
        _ wanted: Traversal, _ query: PreparedQuery, k: Int, limits: SearchLimits, statistics: GlobalStatistics
    ) -> QueryPlan {
        if !limits.isEmpty { return QueryPlan(traversal: .range, reason: "limits apply to ranges") }
        guard wanted == .automatic else { return QueryPlan(traversal: wanted, reason: "asked for") }
        let documents = statistics.views.reduce(0) { $0 + $1.segment.documents }
        let sizes = "\(query.postings) postings, \(documents) documents, the \(k) best"
        let exhaustive = 1.5 * Double(query.postings) + 0.15 * Double(documents)
        if query.hasLearned {
            let documentsPerHit = documents / k
            if documentsPerHit >= Self.fewestPerHit, Self.hasFrequentLists(statistics, documents) {
                return QueryPlan(traversal: .window, reason: "few groups can hold a hit: \(sizes)")
            }
            if documents >= Self.fewestForRanges, documentsPerHit >= 20_000 {
                return QueryPlan(traversal: .range, reason: "few ranges can hold a hit: \(sizes)")
            }
        } else if 33 * (k <= 100 ? 0.16 : 0.5) * Double(query.postings) < exhaustive {
            return QueryPlan(traversal: .maxScore, reason: "short lists: \(sizes)")
        }
        return QueryPlan(traversal: .exhaustive, reason: "scoring everything is cheaper than skipping: \(sizes)")
    }

    /// Whether most documents are in segments that have what the window traversal reads.
    private static func hasFrequentLists(_ statistics: GlobalStatistics, _ documents: Int) -> Bool {
        let covered = statistics.views.map(\.segment).filter { $0.fields[.learned]?.frequent != nil }
        return 2 * covered.reduce(0) { $0 + $1.documents } >= documents
    }
}

/// What a search did.
public struct SearchCounters: Sendable, Equatable {
    /// Postings whose share was computed.
    public var postings = 0
    /// Blocks of postings decoded.
    public var blocks = 0
    /// Blocks of the query's lists.
    public var blocksInLists = 0
    /// Ranges of 32 documents that were bounded.
    public var ranges = 0
    /// Ranges whose documents were scored.
    public var rangesScored = 0
    /// Segments in which the range traversal gave way to scoring everything.
    public var fallbacks = 0
    /// Documents whose score was computed.
    public var documents = 0
    /// Documents that were scored by their passages, and their passages; 0 where documents are one passage.
    public var rescored = 0
    /// The passages that were scored for these.
    public var passages = 0
    /// How often the lists were walked for these.
    public var rounds = 0
    /// Ranges that could still have held a hit and were left out to keep within ``SearchLimits``.
    public var rangesCut = 0
    /// Score that a document needed at the beginning, after what the stored impacts promise; as compared.
    public var startThreshold: UInt32 = 0
    /// Score that a document needed at the end, as compared.
    public var threshold: UInt32 = 0
    /// No document that was left out of the scoring can score more, as compared; nil when none was left out.
    public var unscoredBound: UInt32?
    /// Blocks that were never decoded.
    public var blocksSkipped: Int { max(0, blocksInLists - blocks) }

    /// Adds what another thread of the same search did.
    mutating func add(_ other: SearchCounters) {
        postings += other.postings
        blocks += other.blocks
        blocksInLists += other.blocksInLists
        ranges += other.ranges
        rangesScored += other.rangesScored
        fallbacks += other.fallbacks
        documents += other.documents
        if let bound = other.unscoredBound { leave(bound) }
    }

    /// Notes that documents which cannot score more than `bound` were left out.
    mutating func leave(_ bound: UInt32) { unscoredBound = max(unscoredBound ?? 0, bound) }
}
