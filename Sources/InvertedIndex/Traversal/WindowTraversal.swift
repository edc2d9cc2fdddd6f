/// Adds up sparse lists window by window, then reads frequent lists only for the groups of 16 documents that can still hold a hit.
///
/// The sums of the sparse lists are exact, so a group's bound is the largest of them and the frequent lists' largest impacts in the
/// group. The most promising windows come first, which brings the threshold near its final value; the others follow in docid
/// order, so that every block of a sparse list is read once.
///
/// Exact: a bound is never too low (see ``WindowLists/least(_:)``), and a document at the threshold is offered.
package struct WindowTraversal {
    /// Documents of a window; a multiple of 1,024 that divides those of the stored maxima, or is one.
    @TaskLocal package static var window = windowSize
    /// Windows that come first.
    private static let leaders = 4
    /// Groups that are scored before the threshold is looked at again.
    private static let batch = 32
    /// Scoring everything costs less when more than one in this many groups of the leading windows is read.
    private static let fallbackShare = 2

    private let slice: SegmentSlice
    private let scratch: Scratch
    private let lists: WindowLists
    private let size: Int
    private let windows: Range<Int>
    private let bounds: [UInt64]
    private let before: TopK
    private var isDone: [Bool]
    private var groups = 0
    private var scored = 0

    /// Scores the most promising windows of a slice; nil when it holds none of the terms.
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
        bounds = lists.bounds(windows, size: size)
        before = top
        isDone = Array(repeating: false, count: windows.count)
        if slice.documents.lowerBound == 0 { counters.blocksInLists += lists.blocks }
        for place in Self.largest(bounds, min(Self.leaders, (windows.count + 3) / 4)) {
            guard bounds[place] >= UInt64(top.threshold) else { break }
            let documents = documents(of: place)
            var cursors = lists.sparse.blocks(of: documents.lowerBound)
            unsafe counters.blocks += lists.sparse.scatter(
                documents, before: documents.upperBound, from: &cursors, to: scratch.sums)
            score(documents, &top, &counters)
            isDone[place] = true
            top.tighten()
        }
    }

    /// Scores the other windows.
    /// - Returns: Whether it did; false leaves `top` as it was before, but for a higher floor: scoring everything costs less.
    mutating func finish(mayFallBack: Bool, _ top: inout TopK, _ counters: inout SearchCounters) -> Bool {
        if mayFallBack, scored * Self.fallbackShare > groups {
            let floor = top.floor
            top = before
            top.raise(to: floor)
            counters.fallbacks += 1
            return false
        }
        var cursors = lists.sparse.blocks(of: slice.documents.lowerBound)
        for place in windows.indices.map({ $0 - windows.lowerBound }) {
            let documents = documents(of: place)
            if isDone[place] || bounds[place] < UInt64(top.threshold) {
                // Blocks that reach into the next window are read there, without what they have here.
                lists.sparse.seek(documents.upperBound, &cursors)
                clear(documents)
                continue
            }
            unsafe counters.blocks += lists.sparse.scatter(
                documents.lowerBound..<slice.documents.upperBound, before: documents.upperBound, from: &cursors,
                to: scratch.sums)
            score(documents, &top, &counters)
            top.exchange()
        }
        counters.ranges += groups / 2
        counters.rangesScored += scored / 2
        return true
    }

    private func documents(of place: Int) -> Range<Int> {
        let first = (windows.lowerBound + place) * size
        return max(first, slice.documents.lowerBound)..<min(first + size, slice.documents.upperBound)
    }

    /// Offers the documents of a window whose sparse lists are added up, and clears their sums.
    private mutating func score(_ documents: Range<Int>, _ top: inout TopK, _ counters: inout SearchCounters) {
        let first = documents.lowerBound / groupSize
        let padded = FrequentWriter.groups(documents: documents.count)
        let (sums, chosen, found) = unsafe (scratch.sums, scratch.groups, scratch.found)
        var count = unsafe lists.groups(first..<first + padded, reaching: max(1, top.threshold), sums, chosen)
        // Behind the last document there are groups too.
        let end = (slice.documents.upperBound + groupSize - 1) / groupSize
        while count > 0, unsafe Int(chosen[count - 1]) >= end { count -= 1 }
        if let live = slice.view.documents {
            var kept = 0
            for index in 0..<count where unsafe live.hasAny(inGroup: Int(chosen[index])) {
                unsafe chosen[kept] = chosen[index]
                kept += 1
            }
            count = kept
        }
        groups += (documents.count + groupSize - 1) / groupSize
        scored += count
        counters.documents += count * groupSize
        var whole = 0
        for start in stride(from: 0, to: count, by: Self.batch) {
            let reaching = unsafe lists.score(
                chosen + start, min(Self.batch, count - start), reaching: max(1, top.threshold), sums, found, &whole)
            for index in 0..<reaching {
                unsafe top.offer(sums[Int(found[index])], segment: slice.number, docid: found[index])
            }
        }
        clear(documents)
    }

    private func clear(_ documents: Range<Int>) {
        unsafe (scratch.sums + documents.lowerBound).update(repeating: 0, count: documents.count)
    }

    /// The places of the largest values, largest first.
    private static func largest(_ values: [UInt64], _ count: Int) -> [Int] {
        var places: [Int] = []
        for place in values.indices {
            let at = places.firstIndex { values[$0] < values[place] } ?? places.count
            guard at < count else { continue }
            places.insert(place, at: at)
            if places.count > count { places.removeLast() }
        }
        return places
    }
}
