import CApusKernels

/// Adds up sparse lists window by window, then reads frequent lists only for the documents that can still be a hit.
///
/// The sums of the sparse lists are exact, so a group of 16 documents is bounded by the largest of them and the frequent lists' largest
/// impacts in the group; in a group that may hold a hit, masks say which documents a frequent list has at all, and impacts are
/// read for those documents alone that can still be one. The most promising window comes first, and in each window the groups
/// with the highest bounds, which brings the threshold near its final value.
///
/// A window's sums are the same memory again and again, which stays in the second cache; a posting block that reaches beyond a window
/// is decoded once and kept.
///
/// Exact: a bound is never too low (see ``WindowLists/least(_:)``), and a document at the threshold is offered.
package struct WindowTraversal {
    /// Documents of a window; a multiple of 1,024. Four times as many bytes are to stay in the second cache; smaller windows cost
    /// a turn of every list each.
    @TaskLocal package static var window = largestWindow
    /// No window has more documents.
    static let largestWindow = 65_536
    /// Nanoseconds, about, for a group whose masks are looked at, for a document that is added up, and for a posting of a frequent
    /// list where everything is scored.
    private static let costs = (group: 30, document: 50, posting: 1)
    /// The leading window is the dearest, as the threshold rises in it; scoring everything costs less when it is this many times too
    /// dear.
    private static let fallbackShare = 3

    /// Groups that are scored before the threshold is looked at again: few as long as each batch raises it.
    private static let batches = (promising: 8, others: 64)

    private let slice: SegmentSlice
    private let scratch: Scratch
    private let lists: WindowLists
    private let size: Int
    private let windows: Range<Int>
    private let bounds: [UInt64]
    private let before: TopK
    /// The window that comes first: others wait until the threshold of all slices is known.
    private let leading: Int
    /// Groups that hold about as many hits as are wanted.
    private let promising: Int
    private var groups = 0
    private var scored = 0
    private var looked = 0

    /// Scores the most promising window of a slice; nil when it holds none of the terms.
    init?(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let lists = WindowLists(slice, query)
        guard !lists.isEmpty, !slice.documents.isEmpty else { return nil }
        self.slice = slice
        self.scratch = scratch
        self.lists = lists
        let size = Self.window
        self.size = size
        windows = slice.documents.lowerBound / size..<(slice.documents.upperBound + size - 1) / size
        bounds = windows.map { lists.bound($0 * size..<($0 + 1) * size) }
        leading = Self.leading(bounds)
        promising = max(32, top.k)
        before = top
        if slice.documents.lowerBound == 0 { counters.blocksInLists += lists.blocks }
        let cursors = unsafe scratch.cursors(lists.cursors)
        guard bounds[leading] >= UInt64(top.threshold) else { return }
        unsafe score(leading, cursors, &top, &counters)
        top.tighten()
    }

    /// The window with the highest bound; the first one unless another promises more than a little: out of turn, every list is walked
    /// twice.
    private static func leading(_ bounds: [UInt64]) -> Int {
        guard let best = bounds.indices.max(by: { bounds[$0] < bounds[$1] }) else { return 0 }
        return bounds[best] * 15 / 16 > bounds[0] ? best : 0
    }

    /// Scores the other windows.
    /// - Returns: Whether it did; false leaves `top` as it was before, but for a higher floor: scoring everything costs less.
    mutating func finish(mayFallBack: Bool, _ top: inout TopK, _ counters: inout SearchCounters) -> Bool {
        if mayFallBack, isTooDear {
            let floor = top.floor
            top = before
            top.raise(to: floor)
            counters.fallbacks += 1
            return false
        }
        // Behind the first window of all the lists stand where they are to go on.
        let cursors = unsafe leading == 0 ? scratch.lastCursors : scratch.cursors(lists.cursors)
        for place in bounds.indices where place != leading && bounds[place] >= UInt64(top.threshold) {
            unsafe score(place, cursors, &top, &counters)
            top.exchange()
        }
        counters.ranges += groups / 2
        counters.rangesScored += scored / 2
        return true
    }

    /// Whether reading frequent lists here and there cost far more than reading them whole would have.
    private var isTooDear: Bool {
        let whole =
            Double(Self.costs.posting * lists.frequentPostings) / Double(slice.segment.documents) * Double(groupSize)
        let parts = Double(Self.costs.group * scored + Self.costs.document * looked)
        return parts > Double(Self.fallbackShare) * whole * Double(groups)
    }

    /// Offers the documents of a window, and leaves its sums as zeros.
    private mutating func score(
        _ place: Int, _ cursors: UnsafeMutablePointer<apus_window_cursor>, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let start = (windows.lowerBound + place) * size
        let documents = max(start, slice.documents.lowerBound)..<min(start + size, slice.documents.upperBound)
        let sums = unsafe scratch.sums
        unsafe counters.blocks += lists.scatter(documents, cursors, to: sums)
        let first = documents.lowerBound / groupSize
        let padded = FrequentWriter.groups(documents: documents.count)
        let (chosen, bounds) = unsafe (scratch.groups, scratch.groupBounds)
        let candidates = unsafe lists.groups(
            first..<first + padded, reaching: max(1, top.threshold), sums, chosen, bounds)
        let count = unsafe live(candidates, chosen, bounds)
        groups += (documents.count + groupSize - 1) / groupSize
        var cut = UInt32(UInt16.max) + 1
        if count > promising {
            cut = unsafe Self.bound(bounds, count, reachedBy: promising)
            score(
                documents.lowerBound, count, from: cut, below: .max, batch: Self.batches.promising, &top, &counters)
            top.tighten()
        }
        score(documents.lowerBound, count, from: 0, below: cut, batch: Self.batches.others, &top, &counters)
        unsafe sums.update(repeating: 0, count: documents.count)
    }

    /// Keeps those of a window's groups that have a document which counts.
    /// - Returns: How many there are.
    private func live(
        _ count: Int, _ chosen: UnsafeMutablePointer<UInt32>, _ bounds: UnsafeMutablePointer<UInt16>
    ) -> Int {
        // Behind the last document there are groups too.
        let end = (slice.documents.upperBound + groupSize - 1) / groupSize
        var count = count
        while count > 0, unsafe Int(chosen[count - 1]) >= end { count -= 1 }
        guard let live = slice.view.documents else { return count }
        var kept = 0
        for index in 0..<count where unsafe live.hasAny(inGroup: Int(chosen[index])) {
            unsafe (chosen[kept], bounds[kept]) = unsafe (chosen[index], bounds[index])
            kept += 1
        }
        return kept
    }

    /// Offers the documents of the chosen groups that have a bound from `cut` on and below `limit`, and can still hold a hit.
    private mutating func score(
        _ start: Int, _ count: Int, from cut: UInt32, below limit: UInt32, batch: Int, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let (chosen, bounds, found, some) = unsafe (
            scratch.groups, scratch.groupBounds, scratch.found, scratch.batch
        )
        let live = unsafe slice.view.documents.map { unsafe UnsafePointer($0.words) }
        var (index, added) = (0, 0)
        while index < count {
            let threshold = max(1, top.threshold)
            let least = max(cut, lists.least(threshold))
            var held = 0
            while index < count, held < batch {
                unsafe some[held] = chosen[index]
                let bound = unsafe UInt32(bounds[index])
                held += bound >= least && bound < limit ? 1 : 0
                index += 1
            }
            scored += held
            let reaching = unsafe lists.score(
                some, held, live: live, reaching: threshold, start: start, scratch.sums, found, &added)
            for place in 0..<reaching {
                let docid = unsafe found[place]
                unsafe top.offer(scratch.sums[Int(docid) - start], segment: slice.number, docid: docid)
            }
        }
        looked += added
        counters.documents += added
    }

    /// A bound that about as many of the groups reach as are wanted.
    private static func bound(_ bounds: UnsafePointer<UInt16>, _ count: Int, reachedBy wanted: Int) -> UInt32 {
        var histogram = [Int](repeating: 0, count: 1024)
        for index in 0..<count { unsafe histogram[Int(bounds[index] >> 6)] += 1 }
        var (bin, seen) = (1024, 0)
        while bin > 0, seen < wanted {
            bin -= 1
            seen += histogram[bin]
        }
        return UInt32(bin) << 6
    }
}
