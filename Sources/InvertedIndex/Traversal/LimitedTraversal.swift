import CApusKernels

/// The range traversal under limits: best bounds first over all segments, until nothing can be a hit any more, the budget is
/// used up or time is over.
///
/// The bounds of all segments are worth the same, so that the ranges with the best bounds are taken wherever they lie. They are
/// scored in groups of falling bounds, in docid order inside a group; under a deadline groups are small, so that time goes to the best ones
/// first. The bound of a scored range is replaced by a mark: what is left in the end is what was left out.
struct LimitedTraversal {
    /// One segment with the bounds of its ranges.
    @safe private struct Part {
        let number: Int
        let scale: RangeBounds
        /// What the terms that do not bound ranges may add to any document's score.
        let unbounded: UInt32
        let evaluation: RangeEvaluation
        let bounds: UnsafeMutablePointer<UInt16>
        let ranges: Int
    }

    /// Takes the place of a scored range's bound; every bound is lower.
    private static let mark = UInt16.max
    /// Past every bound.
    private static let limit = UInt32(mark)
    /// Ranges between two looks at the clock.
    private static let tick = 64

    private let limits: SearchLimits
    private let query: PreparedQuery
    /// The largest score of the terms that bound ranges, in each view; and as one that is worth the same in all of them.
    private let largest: (byView: [Double], score: Double)
    /// The terms that bound ranges, by place in the query.
    private let bounding: Set<Int>
    private let scratch: Scratch
    /// A score that k documents are known to reach; lower ones are no reason to score a range.
    private let promised: UInt32
    private var parts: [Part] = []
    private var scored = 0
    private var isLate = false

    /// - Parameter promised: A score that at least k documents are known to reach.
    static func run(
        _ views: [SegmentView], _ query: PreparedQuery, _ scratch: Scratch, _ limits: SearchLimits, promised: UInt32,
        _ top: inout TopK, _ counters: inout SearchCounters
    ) {
        var traversal = LimitedTraversal(query, views.count, limits, scratch, promised: promised)
        // The first segment uses the scratch; the others get their own.
        var owned: [UnsafeMutablePointer<UInt16>] = unsafe []
        defer { for index in unsafe owned.indices { unsafe owned[index].deallocate() } }
        for number in views.indices {
            let ranges = rangeCount(documents: views[number].segment.documents)
            var bounds = unsafe scratch.bounds
            if number > 0 {
                unsafe bounds = .allocate(capacity: (ranges + 63) / 64 * 64)
                unsafe owned.append(bounds)
            }
            unsafe traversal.addPart(views[number], number, bounds, ranges, &counters)
        }
        traversal.score(&top, &counters)
        traversal.account(&top, &counters)
    }

    private init(
        _ query: PreparedQuery, _ views: Int, _ limits: SearchLimits, _ scratch: Scratch,
        promised: UInt32
    ) {
        self.query = query
        self.limits = limits
        self.scratch = scratch
        self.promised = promised
        let shares = query.terms.map { term in
            (0..<views).reduce(0) { max($0, RangeBounds.largestShare(term.scorer(in: $1))) }
        }
        var order = Array(query.terms.indices)
        if let wanted = limits.boundTerms, wanted < order.count {
            order.sort { (shares[$0], $1) > (shares[$1], $0) }
            order.removeLast(order.count - max(1, wanted))
        }
        bounding = Set(order)
        let byView = (0..<views).map { RangeBounds.largestScore(query, places: order, in: $0) }
        largest = (byView, byView.indices.reduce(0) { max($0, byView[$1] * query.units.unit(of: $1)) })
    }

    /// The scale of a view's bounds: the same bound is the same score in all of them.
    private func scale(in view: Int) -> RangeBounds {
        let own =
            query.units.common == nil
            ? largest.score / query.units.unit(of: view) : largest.byView.max() ?? 1
        return RangeBounds(largest: max(own, largest.byView[view]), count: bounding.count)
    }

    private mutating func addPart(
        _ view: SegmentView, _ number: Int, _ bounds: UnsafeMutablePointer<UInt16>, _ ranges: Int,
        _ counters: inout SearchCounters
    ) {
        let lists = SegmentLists(view.segment, number: number, query, maxima: true)
        guard !lists.isEmpty else { return }
        counters.ranges += ranges
        counters.blocksInLists += lists.blocks
        if limits.isLate {
            counters.leave(query.units.comparable(most(of: lists.places, in: number), in: number))
            counters.rangesCut += ranges
            return
        }
        let scale = scale(in: number)
        unsafe counters.blocks += lists.bound(0..<ranges, factor: scale.factor, by: bounding, bounds)
        unsafe view.documents?.clear(bounds, 0..<ranges)
        let whole = SegmentSlice(view: view, number: number, documents: 0..<view.segment.documents)
        unsafe parts.append(
            Part(
                number: number, scale: scale,
                unbounded: most(of: query.terms.indices.filter { !bounding.contains($0) }, in: number),
                evaluation: RangeEvaluation(whole, lists: lists, scratch), bounds: unsafe bounds, ranges: ranges))
    }

    /// No document of a view gets more from these terms.
    private func most(of places: [Int], in view: Int) -> UInt32 {
        let most = places.reduce(0) { $0 + RangeBounds.largestShare(query.terms[$1].scorer(in: view)) }
        return UInt32(min(most.rounded(.up), Double(UInt32.max)))
    }

    /// The least bound that makes a range worth scoring.
    private func floor(_ top: TopK, _ part: Part) -> UInt32 {
        let threshold = query.units.least(max(promised, top.floor), in: part.number)
        return threshold > part.unbounded ? part.scale.least(threshold - part.unbounded) : 0
    }

    private mutating func score(_ top: inout TopK, _ counters: inout SearchCounters) {
        var histogram = [Int](repeating: 0, count: 1024)
        var candidates = 0
        for part in parts {
            let count = unsafe apus_ranges_between(
                part.bounds, 0, part.ranges, floor(top, part), Self.limit, scratch.ranges)
            for index in 0..<count { unsafe histogram[Int(part.bounds[Int(scratch.ranges[index])] >> 6)] += 1 }
            candidates += count
        }
        var left = min(limits.ranges ?? .max, candidates)
        var upper = Self.limit
        var wanted = min(RangeTraversal.leaders, max(1, candidates / 16))
        while left > 0, !isLate, parts.contains(where: { upper > floor(top, $0) }) {
            // Whole bins of 64 bounds, until there are enough.
            var bin = (Int(upper) + 63) >> 6
            var count = 0
            while bin > 0, count < min(wanted, left) {
                bin -= 1
                count += histogram[bin]
            }
            var lower = UInt32(bin) << 6
            var ofLowest = Int.max
            if count > left { (lower, ofLowest) = refine(bin, upper, left) }
            scoreGroup(lower, upper, ofLowest, &top, &counters)
            top.tighten()
            left -= min(left, count)
            upper = lower
            wanted = limits.deadline == nil ? .max : min(4 * wanted, 4096)
        }
    }

    /// Cuts inside a bin, so that exactly `left` ranges below `upper` are taken.
    /// - Returns: The lowest bound to take, and how many ranges with just this bound.
    private func refine(_ bin: Int, _ upper: UInt32, _ left: Int) -> (lower: UInt32, ofLowest: Int) {
        let start = UInt32(bin) << 6
        var counts = [Int](repeating: 0, count: 64)
        var above = 0
        for part in parts {
            let count = unsafe apus_ranges_between(part.bounds, 0, part.ranges, start, upper, scratch.ranges)
            for index in 0..<count {
                let bound = unsafe UInt32(part.bounds[Int(scratch.ranges[index])])
                if bound < start + 64 { counts[Int(bound - start)] += 1 } else { above += 1 }
            }
        }
        var lower = start + 64
        var taken = above
        while lower > start {
            lower -= 1
            let here = counts[Int(lower - start)]
            if taken + here >= left { return (lower, left - taken) }
            taken += here
        }
        return (lower, .max)
    }

    /// Scores the ranges with bounds in `lower..<upper`; of those with the lowest one at most `ofLowest`.
    private mutating func scoreGroup(
        _ lower: UInt32, _ upper: UInt32, _ ofLowest: Int, _ top: inout TopK, _ counters: inout SearchCounters
    ) {
        let batch = limits.deadline == nil ? RangeTraversal.batch : Self.tick
        var ofLowest = ofLowest
        for part in parts where !isLate {
            top.enter(part.number)
            let found = unsafe apus_ranges_between(
                part.bounds, 0, part.ranges, max(lower, floor(top, part)), upper, scratch.ranges)
            part.evaluation.restart()
            var done = 0
            while done < found {
                if limits.isLate {
                    isLate = true
                    break
                }
                let least = floor(top, part)
                var count = 0
                while done < found, count < batch {
                    let range = unsafe scratch.ranges[done]
                    let bound = unsafe UInt32(part.bounds[Int(range)])
                    done += 1
                    guard bound >= least else { continue }
                    if bound == lower {
                        if ofLowest == 0 { continue }
                        ofLowest -= 1
                    }
                    unsafe scratch.moreRanges[count] = range
                    count += 1
                }
                unsafe part.evaluation.score(scratch.moreRanges, count, &top, &counters)
                for index in 0..<count { unsafe part.bounds[Int(scratch.moreRanges[index])] = Self.mark }
                scored += count
            }
        }
        if limits.isLate { isLate = true }
    }

    /// Adds up what was left out, and how good it could have been.
    private mutating func account(_ top: inout TopK, _ counters: inout SearchCounters) {
        top.tighten()
        counters.rangesScored += scored
        for part in parts
        where unsafe apus_ranges_between(part.bounds, 0, part.ranges, 0, Self.limit, scratch.ranges) > 0 {
            let floor = floor(top, part)
            var largest: UInt32 = 0
            let count = unsafe apus_ranges_between(
                part.bounds, 0, part.ranges, floor, Self.limit, scratch.ranges)
            for index in 0..<count {
                largest = unsafe max(largest, UInt32(part.bounds[Int(scratch.ranges[index])]))
            }
            counters.rangesCut += count
            let (bound, overflow) = part.scale.score(max(largest, floor > 0 ? floor - 1 : 0))
                .addingReportingOverflow(part.unbounded)
            counters.leave(query.units.comparable(overflow ? .max : bound, in: part.number))
        }
    }
}
