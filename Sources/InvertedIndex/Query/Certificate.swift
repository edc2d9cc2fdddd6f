/// What is proved of a search's hits.
///
/// Every document is either scored, or left out because its score cannot exceed a bound. Where the best of these bounds stays
/// below the score of the last hit, no document left out belongs among the hits: they are the exact best, also when an
/// approximate mode found them. Equal scores prove nothing, because ties go by external id.
public struct Certificate: Sendable, Equatable {
    /// Whether anything could make the search miss a hit.
    public enum Mode: String, Sendable, Codable {
        /// Nothing: only documents that cannot be hits are left out.
        case exact
        /// The search had ``SearchLimits``.
        case approximate
    }

    /// Whether anything could make the search miss a hit.
    public let mode: Mode
    /// The traversal that ran.
    public let traversal: Traversal
    /// The k-th score as compared, see ``Hit/rawScore``; 0 when there are fewer than k hits.
    public let threshold: UInt32
    /// No document left out scores more, as compared; nil when every document was scored.
    public let unscoredBound: UInt32?
    /// Whether the hits are proved to be the exact best.
    public let isExact: Bool
    /// How many hits, from the first, are proved to be the exact best, in their order.
    public let exactHits: Int

    /// - Parameter least: Where a hit had to reach it from the beginning: the score that documents left out have to stay below when
    ///   there are fewer than k hits.
    init(
        mode: Mode, traversal: Traversal, scores: [UInt32], isFull: Bool, least: UInt32 = 0, unscoredBound: UInt32?
    ) {
        self.mode = mode
        self.traversal = traversal
        self.unscoredBound = unscoredBound
        threshold = isFull ? scores.last ?? 0 : 0
        guard let unscoredBound, unscoredBound > 0 else {
            isExact = true
            exactHits = scores.count
            return
        }
        isExact = isFull ? (scores.last ?? .max) > unscoredBound : least > unscoredBound
        exactHits = scores.firstIndex { $0 <= unscoredBound } ?? scores.count
    }
}
