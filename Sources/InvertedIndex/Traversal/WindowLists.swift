import CApusKernels

/// A query's posting lists in one segment, as the window traversal takes them: sparse ones are added up, frequent ones bounded by
/// their maxima and read where a group can hold a hit.
@safe final class WindowLists {
    let sparse: SegmentLists
    /// How far sums are shifted to the right so that bounds fit 16 bits.
    let shift: UInt32
    /// The frequent lists that every chosen group is given first: the heaviest ones.
    let part: Int
    private let frequent: SegmentLists
    private let table: AlignedTable<apus_frequent>
    /// The largest shares of the frequent lists, and where their maxima of windows are.
    private let heavy: [(weight: UInt32, place: Int)]
    private let stored: FrequentLists?

    /// Two of five frequent lists hold most of what a group can reach.
    private static let partShare = 2.0 / 5

    init(_ slice: SegmentSlice, _ query: PreparedQuery) {
        let (segment, number) = (slice.segment, slice.number)
        let reader = segment.fields[.learned]
        let stored = reader?.frequent
        self.stored = stored
        var heavy: [(query: Int, weight: UInt32, place: Int, share: UInt64)] = []
        var largest = 1.0
        for (place, term) in query.terms.enumerated() {
            guard let found = term.numbers[number] else { continue }
            let scorer = term.scorer(in: number)
            guard scorer.field == .learned, let reader else {
                largest += RangeBounds.largestShare(scorer)
                continue
            }
            let share = UInt64(scorer.weight) * UInt64(reader.largestImpact(ofTerm: found))
            largest += Double(share)
            if scorer.weight <= UInt32(APUS_FREQUENT_WEIGHT), let at = stored?.place(ofTerm: found) {
                heavy.append((place, scorer.weight, at, share))
            }
        }
        heavy.sort { $0.share > $1.share }
        let isHeavy = Set(heavy.map(\.query))
        sparse = SegmentLists(segment, number: number, query) { !isHeavy.contains($0) }
        let frequent = SegmentLists(segment, number: number, query) { isHeavy.contains($0) }
        self.frequent = frequent
        // Every share may be rounded up by one, and every scaled weight is one of 16 bits.
        let room = Double(UInt16.max) - 2 * Double(heavy.count) - 2
        let heaviest = Double(heavy.map(\.weight).max() ?? 0) * 256
        var shift: UInt32 = 0
        while largest / Double(1 << UInt64(shift)) > room || heaviest / Double(1 << UInt64(shift)) > room { shift += 1 }
        self.shift = shift
        // Whoever is frequent was found in `stored`.
        let tables = unsafe heavy.compactMap { list in
            unsafe stored.map { stored in
                var found = unsafe stored.list(at: list.place)
                unsafe found.list = unsafe frequent.list(ofPlace: list.query)
                unsafe found.weight = list.weight
                unsafe found.scaled = UInt16((UInt64(list.weight) << 8 + (1 << UInt64(shift)) - 1) >> UInt64(shift))
                return unsafe found
            }
        }
        unsafe table = unsafe AlignedTable(count: tables.count) { memory in
            for index in unsafe tables.indices { unsafe (memory + index).initialize(to: tables[index]) }
        }
        self.heavy = heavy.map { ($0.weight, $0.place) }
        // Whole pairs of lists, which the kernels take at once; with few lists there is nothing to gain.
        let part = (Int(Double(heavy.count) * Self.partShare) + 1) & ~1
        self.part = heavy.count > 3 && part < heavy.count ? part : heavy.count
    }

    var isEmpty: Bool { sparse.isEmpty && heavy.isEmpty }
    var blocks: Int { sparse.blocks + frequent.blocks }

    /// The smallest bound of a group that may hold a document with this score: each share that makes up a bound is rounded down by
    /// less than one.
    func least(_ score: UInt32) -> UInt32 {
        let (bound, slack) = (score >> shift, UInt32(heavy.count) + 1)
        return bound > slack ? bound - slack : 0
    }

    /// No document of each window scores more.
    /// - Complexity: O(windows × frequent lists + blocks of the sparse lists).
    func bounds(_ windows: Range<Int>, size: Int) -> [UInt64] {
        var bounds = sparse.bounds(windows, size: size)
        for list in heavy {
            for window in windows {
                let impact = stored?.largest(at: list.place, inWindow: window * size / windowSize) ?? 0
                bounds[window - windows.lowerBound] += UInt64(list.weight) * UInt64(impact)
            }
        }
        return bounds
    }

    /// The groups of a window that may hold a document with this score; the sums are those of the sparse lists.
    func groups(
        _ groups: Range<Int>, reaching score: UInt32, _ sums: UnsafePointer<UInt32>,
        _ room: UnsafeMutablePointer<UInt32>
    ) -> Int {
        withExtendedLifetime(self) {
            unsafe apus_window_groups(
                apus_level(), table.pointer, heavy.count, sums, groups.lowerBound, groups.count, shift, least(score),
                room)
        }
    }

    /// Adds the frequent lists to the sums of groups, and finds the documents that reach a score.
    func score(
        _ chosen: UnsafePointer<UInt32>, _ count: Int, reaching score: UInt32, _ sums: UnsafeMutablePointer<UInt32>,
        _ found: UnsafeMutablePointer<UInt32>, _ whole: inout Int
    ) -> Int {
        withExtendedLifetime(self) {
            unsafe apus_groups_score(
                apus_level(), table.pointer, heavy.count, part, chosen, count, score, sums, found, &whole)
        }
    }
}
