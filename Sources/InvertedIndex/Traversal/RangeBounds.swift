import CApusKernels

/// How scores and the 16-bit bounds of ranges relate in one query: bound ≥ score × factor / 2^32 − terms.
///
/// Every term's share is rounded down when it becomes part of a bound, so a bound may be too low by one for each term; both
/// directions below allow for that.
struct RangeBounds {
    /// One query term's list in a segment.
    typealias List = (list: apus_list, reader: FieldReader, term: Int, place: Int)

    private let factor: UInt64
    private let slack: UInt64

    /// - Parameter places: The query's terms that take part, by place in `query.terms`.
    init(_ query: PreparedQuery, places: some Sequence<Int>) {
        var largest = 1.0
        var count = 0
        for place in places {
            largest += Self.largestShare(query.terms[place].scorer)
            count += 1
        }
        // Dense weights are rounded up to the next multiple of 1/256, which may add one to each.
        let room = Double(UInt16.max) - 2 * Double(count) - 1
        factor = UInt64(max(0, room) / largest * 4_294_967_296)
        slack = UInt64(count)
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

    /// Fills in the bounds of ranges of a segment; the first is a multiple of 64. Ranges without a document that counts get 0.
    /// - Parameter bounds: One for each range of the segment, with room up to the next multiple of 64.
    func set(
        _ bounds: UnsafeMutablePointer<UInt16>, _ ranges: Range<Int>, _ lists: [List], _ query: PreparedQuery,
        of documents: DocumentSet?, _ counters: inout SearchCounters
    ) {
        var maxima: [UnsafePointer<UInt8>?] = []
        var weights: [UInt16] = []
        var sparse: [apus_list] = []
        for entry in lists {
            let weight = query.terms[entry.place].scorer.weight
            // weight × factor / 2^32 × 256, rounded up; a single huge weight would not fit 16 bits.
            let scaled = (UInt64(weight) * factor + (1 << 24) - 1) >> 24
            if let dense = entry.list.maxima, scaled <= UInt64(UInt16.max) {
                maxima.append(dense)
                weights.append(UInt16(scaled))
            } else {
                sparse.append(entry.list)
            }
        }
        let padded = (ranges.upperBound + 63) / 64 * 64
        apus_dense_bounds(maxima, weights, maxima.count, ranges.lowerBound, padded, bounds)
        for list in sparse {
            counters.blocks += withUnsafePointer(to: list) {
                apus_list_bounds($0, factor, ranges.lowerBound, ranges.upperBound, bounds)
            }
        }
        documents?.clear(bounds, ranges)
    }
}
