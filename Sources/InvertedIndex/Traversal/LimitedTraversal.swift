import CApusKernels

/// The range traversal under limits: best bounds first over all segments, until nothing can be a hit any more, the budget is
/// used up or time is over.
///
/// All segments share one scale of bounds, so that the ranges with the best bounds are taken wherever they lie. They are
/// scored in groups of falling bounds, in docid order inside a group; under a deadline groups are small, so that time goes to the best ones
/// first. The bound of a scored range is replaced by a mark: what is left in the end is what was left out.
struct LimitedTraversal {
    /// One segment with the bounds of its ranges.
    private struct Part {
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
    private let scale: RangeBounds
    /// The terms that bound ranges, by place in the query.
    private let bounding: Set<Int>
    /// What the other terms may add to any document's score.
    private let unbounded: UInt32
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
        var traversal = LimitedTraversal(query, limits, scratch, promised: promised)
        // The first segment uses the scratch; the others get their own.
        var owned: [UnsafeMutablePointer<UInt16>] = []
        defer { for bounds in owned { bounds.deallocate() } }
        withExtendedLifetime((query, views)) {
            for number in views.indices {
                let ranges = rangeCount(documents: views[number].segment.documents)
                var bounds = scratch.bounds
                if number > 0 {
                    bounds = .allocate(capacity: (ranges + 63) / 64 * 64)
                    owned.append(bounds)
                }
                traversal.addPart(views[number], number, query, bounds, ranges, &counters)
            }
            traversal.score(&top, &counters)
            traversal.account(&top, &counters)
        }
    }

    private init(_ query: PreparedQuery, _ limits: SearchLimits, _ scratch: Scratch, promised: UInt32) {
        self.limits = limits
        self.scratch = scratch
        self.promised = promised
        let largest = query.terms.map { RangeBounds.largestShare($0.scorer) }
        var order = Array(query.terms.indices)
        if let wanted = limits.boundTerms, wanted < order.count {
            order.sort { (largest[$0], $1) > (largest[$1], $0) }
            order.removeLast(order.count - max(1, wanted))
        }
        let kept = Set(order)
        bounding = kept
        let others = query.terms.indices.reduce(0) { kept.contains($1) ? $0 : $0 + largest[$1] }
        unbounded = UInt32(min(others.rounded(.up), Double(UInt32.max)))
        scale = RangeBounds(query, places: order)
    }

    private mutating func addPart(
        _ view: SegmentView, _ number: Int, _ query: PreparedQuery, _ bounds: UnsafeMutablePointer<UInt16>,
        _ ranges: Int, _ counters: inout SearchCounters
    ) {
        let lists = query.withLists(view.segment, number: number, maxima: true) { $0 }
        guard !lists.isEmpty else { return }
        counters.ranges += ranges
        for entry in lists { counters.blocksInLists += entry.list.blocks }
        if limits.isLate {
            let largest = lists.reduce(0) { $0 + RangeBounds.largestShare(query.terms[$1.place].scorer) }
            counters.leave(UInt32(min(largest.rounded(.up), Double(UInt32.max))))
            counters.rangesCut += ranges
            return
        }
        scale.set(
            bounds, 0..<ranges, lists.filter { bounding.contains($0.place) }, query, of: view.documents, &counters)
        let whole = SegmentSlice(view: view, number: number, documents: 0..<view.segment.documents)
        parts.append(
            Part(
                evaluation: RangeEvaluation(whole, lists: lists.map(\.list), scratch), bounds: bounds, ranges: ranges))
    }

    /// The least bound that makes a range worth scoring.
    private func floor(_ top: TopK) -> UInt32 {
        let threshold = max(promised, top.threshold)
        return threshold > unbounded ? scale.least(threshold - unbounded) : 0
    }

    private mutating func score(_ top: inout TopK, _ counters: inout SearchCounters) {
        var histogram = [Int](repeating: 0, count: 1024)
        var candidates = 0
        for part in parts {
            let count = apus_ranges_between(part.bounds, 0, part.ranges, floor(top), Self.limit, scratch.ranges)
            for index in 0..<count { histogram[Int(part.bounds[Int(scratch.ranges[index])] >> 6)] += 1 }
            candidates += count
        }
        var left = min(limits.ranges ?? .max, candidates)
        var upper = Self.limit
        var wanted = min(RangeTraversal.leaders, max(1, candidates / 16))
        while left > 0, upper > floor(top), !isLate {
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
            let count = apus_ranges_between(part.bounds, 0, part.ranges, start, upper, scratch.ranges)
            for index in 0..<count {
                let bound = UInt32(part.bounds[Int(scratch.ranges[index])])
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
            let found = apus_ranges_between(
                part.bounds, 0, part.ranges, max(lower, floor(top)), upper, scratch.ranges)
            part.evaluation.restart()
            var done = 0
            while done < found {
                if limits.isLate {
                    isLate = true
                    break
                }
                let least = floor(top)
                var count = 0
                while done < found, count < batch {
                    let range = scratch.ranges[done]
                    let bound = UInt32(part.bounds[Int(range)])
                    done += 1
                    guard bound >= least else { continue }
                    if bound == lower {
                        if ofLowest == 0 { continue }
                        ofLowest -= 1
                    }
                    scratch.moreRanges[count] = range
                    count += 1
                }
                part.evaluation.score(scratch.moreRanges, count, &top, &counters)
                for index in 0..<count { part.bounds[Int(scratch.moreRanges[index])] = Self.mark }
                scored += count
            }
        }
        if limits.isLate { isLate = true }
    }

    /// Adds up what was left out, and how good it could have been.
    private mutating func account(_ top: inout TopK, _ counters: inout SearchCounters) {
        top.tighten()
        counters.rangesScored += scored
        let floor = floor(top)
        guard parts.reduce(0, { $0 + $1.ranges }) > scored else { return }
        var largest: UInt32 = 0
        for part in parts {
            let count = apus_ranges_between(part.bounds, 0, part.ranges, floor, Self.limit, scratch.ranges)
            for index in 0..<count { largest = max(largest, UInt32(part.bounds[Int(scratch.ranges[index])])) }
            counters.rangesCut += count
        }
        let (bound, overflow) = scale.score(max(largest, floor > 0 ? floor - 1 : 0)).addingReportingOverflow(unbounded)
        counters.leave(overflow ? .max : bound)
    }
}
