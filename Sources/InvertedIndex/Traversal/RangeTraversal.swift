import CApusKernels

/// Bounds every range of 32 documents first, then scores only the ranges that can still hold a hit.
///
/// Dense terms have their largest impact in each range stored, so most of the bound is a sequential sweep; the lists of rarer
/// terms are read whole. The ranges with the highest bounds are scored first, which brings the threshold near its
/// final value; the survivors follow in docid order: lists whose maximum in a range is zero are passed over, short lists are read
/// through once, in others the range is looked up. When too many survive, scoring everything is cheaper and the traversal says so.
///
/// Bounds are 16 bits wide and never too low; see ``RangeBounds``.
/// Source: after Mallia, Suel, Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning", SIGIR 2024, with bounds
/// swept over ranges of documents and exact scores.
struct RangeTraversal {
    /// Ranges scored first.
    static let leaders = 24
    /// Ranges whose postings are gathered together.
    static let batch = 512
    /// Scoring everything costs less when more than one in this many ranges survives.
    private static let fallbackShare = 4
    private static let noLimit = UInt32(UInt16.max) + 1

    private let slice: SegmentSlice
    private let query: PreparedQuery
    private let scratch: Scratch
    private let bounds: RangeBounds
    private let evaluation: RangeEvaluation
    private let before: TopK
    /// The bound that the ranges reach which were scored first.
    private let cut: UInt32
    private let leading: Int

    /// Bounds the ranges of a slice and scores the most promising ones; nil when it holds none of the terms.
    init?(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let lists = SegmentLists(slice.segment, number: slice.number, query, maxima: true)
        guard !lists.isEmpty else { return nil }
        self.slice = slice
        self.query = query
        self.scratch = scratch
        let ranges = slice.ranges
        counters.ranges += ranges.count
        if ranges.lowerBound == 0 { counters.blocksInLists += lists.blocks }
        bounds = RangeBounds(
            largest: RangeBounds.largestScore(query, places: lists.places, in: slice.number),
            count: lists.places.count)
        unsafe counters.blocks += lists.bound(ranges, factor: bounds.factor, by: nil, scratch.bounds)
        unsafe slice.view.documents?.clear(scratch.bounds, ranges)
        let candidates = unsafe apus_ranges_between(
            scratch.bounds, ranges.lowerBound, ranges.upperBound, bounds.least(top.threshold), Self.noLimit,
            scratch.ranges)
        before = top
        cut = unsafe Self.leadingBound(
            scratch.bounds, scratch.ranges, candidates,
            wanted: min(Self.leaders, max(1, ranges.count / 16)))
        evaluation = RangeEvaluation(slice, lists: lists, scratch)
        leading = unsafe apus_ranges_between(
            scratch.bounds, ranges.lowerBound, ranges.upperBound, cut, Self.noLimit, scratch.moreRanges)
        unsafe evaluation.score(scratch.moreRanges, leading, &top, &counters)
        top.tighten()
    }

    /// Scores the other ranges that can still hold a hit.
    /// - Returns: Whether it did; false leaves `top` as it was before, but for a higher floor: scoring everything costs less.
    func finish(mayFallBack: Bool, _ top: inout TopK, _ counters: inout SearchCounters) -> Bool {
        let ranges = slice.ranges
        let floor = bounds.least(top.threshold)
        let rest = unsafe apus_ranges_between(
            scratch.bounds, ranges.lowerBound, ranges.upperBound, floor, cut, scratch.ranges)
        if mayFallBack, rest * Self.fallbackShare > ranges.count {
            let floor = top.floor
            top = before
            top.raise(to: floor)
            counters.fallbacks += 1
            return false
        }
        var scored = leading
        evaluation.restart()
        var done = 0
        var passedOver: UInt32 = 0
        while done < rest {
            // The threshold has risen since, so some drop out.
            let bound = bounds.least(top.threshold)
            var count = 0
            while done < rest, count < Self.batch {
                let range = unsafe scratch.ranges[done]
                done += 1
                guard unsafe UInt32(scratch.bounds[Int(range)]) >= bound else {
                    passedOver = unsafe max(passedOver, UInt32(scratch.bounds[Int(range)]))
                    continue
                }
                unsafe scratch.moreRanges[count] = range
                count += 1
            }
            unsafe evaluation.score(scratch.moreRanges, count, &top, &counters)
            top.exchange()
            scored += count
        }
        counters.rangesScored += scored
        if scored < ranges.count {
            let left = bounds.score(max(passedOver, min(floor, cut) > 0 ? min(floor, cut) - 1 : 0))
            counters.leave(query.units.comparable(left, in: slice.number))
        }
        return true
    }

    /// A bound that about as many of the candidates reach as are scored first.
    private static func leadingBound(
        _ bounds: UnsafePointer<UInt16>, _ candidates: UnsafePointer<UInt32>, _ count: Int, wanted: Int
    ) -> UInt32 {
        var histogram = [Int](repeating: 0, count: 1024)
        for index in 0..<count { unsafe histogram[Int(bounds[Int(candidates[index])] >> 6)] += 1 }
        var (bin, seen) = (1023, histogram[1023])
        while bin > 0, seen < wanted {
            bin -= 1
            seen += histogram[bin]
        }
        return max(1, UInt32(bin) << 6)
    }
}
