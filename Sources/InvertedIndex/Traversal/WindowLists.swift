import CApusKernels

/// A query's posting lists in one segment, as the window traversal takes them: sparse ones are added up, frequent ones bounded by
/// their maxima and masks, and read for documents that can still be a hit.
@safe final class WindowLists {
    /// How far sums are shifted to the right so that bounds fit 16 bits.
    let shift: UInt32
    /// Postings of the frequent lists.
    let frequentPostings: Int
    /// Blocks of all lists.
    let blocks: Int
    private let sparse: SegmentLists
    private let table: AlignedTable<apus_frequent>
    /// The weights of the frequent lists, and where their maxima of windows are.
    private let heavy: [(weight: UInt32, place: Int)]
    private let stored: FrequentLists?
    /// No document has more of the sparse lists.
    private let sparseShare: UInt64

    init(_ slice: SegmentSlice, _ query: PreparedQuery) {
        let (segment, number) = (slice.segment, slice.number)
        let reader = segment.fields[.learned]
        let stored = reader?.frequent
        self.stored = stored
        var heavy: [(query: Int, weight: UInt32, place: Int, share: UInt64)] = []
        var (largest, inSparse, heavyBlocks, heavyPostings) = (1.0, 0.0, 0, 0)
        for (place, term) in query.terms.enumerated() {
            guard let found = term.numbers[number] else { continue }
            let scorer = term.scorer(in: number)
            guard scorer.field == .learned, let reader else {
                inSparse += RangeBounds.largestShare(scorer)
                continue
            }
            let share = UInt64(scorer.weight) * UInt64(reader.largestImpact(ofTerm: found))
            if let at = stored?.place(ofTerm: found) {
                heavy.append((place, scorer.weight, at, share))
                largest += Double(share)
                heavyBlocks += reader.blocks(ofTerm: found).count
                heavyPostings += unsafe Int(reader.termPostings[found])
            } else {
                inSparse += Double(share)
            }
        }
        largest += inSparse
        sparseShare = UInt64(inSparse.rounded(.up))
        heavy.sort { $0.share > $1.share }
        let isHeavy = Set(heavy.map(\.query))
        sparse = SegmentLists(segment, number: number, query) { !isHeavy.contains($0) }
        blocks = sparse.blocks + heavyBlocks
        frequentPostings = heavyPostings
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
                unsafe found.postings = unsafe reader?.postings.baseAddress
                unsafe found.bytes = unsafe reader?.postings.count ?? 0
                unsafe found.pages = unsafe segment.pageStates
                unsafe found.place = reader?.postingsOffset ?? 0
                unsafe found.weight = list.weight
                unsafe found.scaled = UInt16((UInt64(list.weight) << 8 + (1 << UInt64(shift)) - 1) >> UInt64(shift))
                return unsafe found
            }
        }
        unsafe table = unsafe AlignedTable(count: tables.count) { memory in
            for index in unsafe tables.indices { unsafe (memory + index).initialize(to: tables[index]) }
        }
        self.heavy = heavy.map { ($0.weight, $0.place) }
    }

    var isEmpty: Bool { sparse.isEmpty && heavy.isEmpty }
    /// Sparse lists, each of which needs a cursor.
    var cursors: Int { sparse.places.count }

    /// The smallest bound of a group or document that may be one with this score: each share that makes up a bound is rounded down by
    /// less than one.
    func least(_ score: UInt32) -> UInt32 {
        let (bound, slack) = (score >> shift, UInt32(heavy.count) + 1)
        return bound > slack ? bound - slack : 0
    }

    /// No document of the range scores more.
    func bound(_ documents: Range<Int>) -> UInt64 {
        heavy.reduce(sparseShare) { sum, list in
            sum + UInt64(list.weight) * UInt64(stored?.largest(at: list.place, in: documents) ?? 0)
        }
    }

    /// Adds the sparse lists to the sums of a window, which begin with its first document; the cursors move on.
    /// - Returns: The blocks decoded.
    func scatter(
        _ documents: Range<Int>, _ cursors: UnsafeMutablePointer<apus_window_cursor>,
        to window: UnsafeMutablePointer<UInt32>
    ) -> Int {
        unsafe sparse.scatter(documents, cursors, to: window)
    }

    /// The groups of a window that may hold a document with this score, and their bounds; the sums are those of the sparse lists.
    func groups(
        _ groups: Range<Int>, reaching score: UInt32, _ window: UnsafePointer<UInt32>,
        _ chosen: UnsafeMutablePointer<UInt32>, _ bounds: UnsafeMutablePointer<UInt16>
    ) -> Int {
        withExtendedLifetime(self) {
            unsafe apus_window_groups(
                apus_level(), table.pointer, heavy.count, window, groups.lowerBound, groups.count, shift, least(score),
                chosen, bounds)
        }
    }

    /// Adds the frequent lists to the sums of those documents of some groups that can reach a score, and finds those that do.
    /// - Parameters:
    ///   - live: A bit for each document of the segment that counts; nil: all do.
    ///   - start: The window's first document.
    func score(
        _ chosen: UnsafePointer<UInt32>, _ count: Int, live: UnsafePointer<UInt64>?, reaching score: UInt32, start: Int,
        _ window: UnsafeMutablePointer<UInt32>, _ found: UnsafeMutablePointer<UInt32>, _ looked: inout Int
    ) -> Int {
        withExtendedLifetime(self) {
            unsafe apus_groups_score(
                apus_level(), table.pointer, heavy.count, chosen, count, live, shift, least(score), score,
                UInt32(start),
                window, found, &looked)
        }
    }
}
