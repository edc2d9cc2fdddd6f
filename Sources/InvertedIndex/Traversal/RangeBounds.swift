/// How scores and the 16-bit bounds of ranges relate in one query: bound ≥ score × factor / 2^32 − terms.
///
/// Every term's share is rounded down when it becomes part of a bound, so a bound may be too low by one for each term; both
/// directions below allow for that.
struct RangeBounds {
    /// Bound × 2^32 per unit of score.
    let factor: UInt64
    private let slack: UInt64

    /// - Parameters:
    ///   - largest: No score of the bounding terms is larger.
    ///   - count: The bounding terms.
    init(largest: Double, count: Int) {
        // Dense weights are rounded up to the next multiple of 1/256, which may add one to each.
        let room = Double(UInt16.max) - 2 * Double(count) - 1
        factor = UInt64(max(0, room) / largest * 4_294_967_296)
        slack = UInt64(count)
    }

    /// A score that terms of a query cannot exceed in a view, and a little more.
    static func largestScore(_ query: PreparedQuery, places: some Sequence<Int>, in view: Int)
        -> Double
    {
        places.reduce(1) { $0 + largestShare(query.terms[$1].scorer(in: view)) }
    }

    /// The smallest bound of a range that may hold a document with this score.
    func least(_ score: UInt32) -> UInt32 {
        // Only sums over a damaged segment are too large for the product.
        let (product, overflows) = UInt64(score).multipliedReportingOverflow(by: factor)
        let scaled = (overflows ? UInt64.max : product) >> 32
        return scaled > slack ? UInt32(clamping: scaled - slack) : 0
    }

    /// No document of a range with this bound scores more.
    func score(_ bound: UInt32) -> UInt32 {
        guard factor > 0 else { return .max }
        return UInt32(clamping: ((UInt64(bound) + slack) << 32) / factor)
    }

    /// No posting of any list has a larger share.
    static func largestShare(_ scorer: TermScorer) -> Double {
        scorer.field == .learned ? 255 * Double(scorer.weight) : Double(scorer.bm25Weight) * scorer.scale + 1
    }
}
