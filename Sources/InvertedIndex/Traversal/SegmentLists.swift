import CApusKernels

/// A query's posting lists in one segment, as the kernels read them; it holds everything that they point to.
@safe final class SegmentLists {
    /// The terms that have a list here, by place in the query.
    let places: [Int]
    private let lists: AlignedTable<apus_list>
    private let segment: Segment
    private let number: Int
    /// Holds the tables.
    private let query: PreparedQuery

    /// - Parameters:
    ///   - number: Place of the segment in the snapshot.
    ///   - maxima: Also find where the largest impacts of the ranges are.
    ///   - takes: Whether the list of the term at a place in the query is among them.
    init(
        _ segment: Segment, number: Int, _ query: PreparedQuery, maxima: Bool = false,
        takes: (_ place: Int) -> Bool = { _ in true }
    ) {
        var lists: [apus_list] = unsafe []
        var places: [Int] = []
        unsafe lists.reserveCapacity(query.terms.count)
        places.reserveCapacity(query.terms.count)
        for (place, term) in query.terms.enumerated() {
            guard takes(place), let found = term.numbers[number], let reader = segment.fields[term.scorer.field] else {
                continue
            }
            let scorer = term.scorer(in: number)
            var list = unsafe reader.list(found)
            unsafe list.pages = unsafe segment.pageStates
            unsafe list.place = reader.postingsOffset
            if scorer.field == .text {
                unsafe list.lengths = unsafe segment.lengths.baseAddress
                unsafe list.inverses = unsafe query.tables?.inverses.pointer
                unsafe list.table = unsafe query.tables?.shares[place]?.pointer
                unsafe list.bm25_weight = scorer.bm25Weight
                unsafe list.scale = scorer.scale
            } else {
                unsafe list.weight = scorer.weight
                if maxima { unsafe list.maxima = unsafe reader.maxima(ofTerm: found) }
            }
            unsafe lists.append(list)
            places.append(place)
        }
        unsafe self.lists = unsafe AlignedTable(count: lists.count) { memory in
            for index in unsafe lists.indices { unsafe (memory + index).initialize(to: lists[index]) }
        }
        self.places = places
        self.segment = segment
        self.number = number
        self.query = query
    }

    var isEmpty: Bool { places.isEmpty }
    /// Postings of all lists.
    var postings: Int { unsafe each { unsafe $0.pointee.count }.reduce(0, +) }
    /// Their blocks.
    var blocks: Int { unsafe each { unsafe $0.pointee.blocks }.reduce(0, +) }

    /// The block of each list where a document is or would be.
    func blocks(of docid: Int) -> [Int] {
        unsafe docid == 0 ? each { _ in 0 } : unsafe each { unsafe apus_list_seek($0, 0, UInt32(docid)) }
    }

    /// Adds the shares of the documents to their sums, which begin with the first of them; the cursors move on.
    /// - Returns: The blocks decoded.
    func scatter(
        _ documents: Range<Int>, _ cursors: UnsafeMutablePointer<apus_window_cursor>,
        to window: UnsafeMutablePointer<UInt32>
    ) -> Int {
        withExtendedLifetime(self) {
            unsafe apus_window_scatter(
                lists.pointer, places.count, cursors, UInt32(documents.lowerBound), UInt32(documents.upperBound), window
            )
        }
    }

    /// Adds the shares in ascending ranges; the cursors move on.
    /// - Parameter chosen: A bit for each range of the segment, set for these alone.
    /// - Returns: The blocks decoded.
    func scatter(
        _ ranges: UnsafePointer<UInt32>, _ count: Int, chosen: UnsafePointer<UInt64>,
        from cursors: inout [Int],
        to sums: UnsafeMutablePointer<UInt32>
    ) -> Int {
        withExtendedLifetime(self) {
            var blocks = 0
            for index in places.indices {
                unsafe blocks += apus_list_scatter_ranges(
                    lists.pointer + index, &cursors[index], ranges, count, chosen, sums)
            }
            return blocks
        }
    }

    /// Fills in the bounds of ranges; the first is a multiple of 64.
    /// - Parameters:
    ///   - factor: Bound × 2^32 per unit of score.
    ///   - bounding: The terms that take part, by place in the query; nil for all.
    ///   - bounds: One for each range of the segment, with room up to the next multiple of 64.
    /// - Returns: The blocks decoded.
    func bound(
        _ ranges: Range<Int>, factor: UInt64, by bounding: Set<Int>?,
        _ bounds: UnsafeMutablePointer<UInt16>
    ) -> Int {
        withExtendedLifetime(self) {
            var maxima: [UnsafePointer<UInt8>?] = unsafe []
            var weights: [UInt16] = []
            var sparse: [UnsafePointer<apus_list>] = unsafe []
            for (index, place) in places.enumerated() where bounding?.contains(place) ?? true {
                let list = unsafe lists.pointer + index
                // weight × factor / 2^32 × 256, rounded up; a single huge weight would not fit 16 bits.
                let scaled = unsafe (UInt64(list.pointee.weight) * factor + (1 << 24) - 1) >> 24
                if let dense = unsafe list.pointee.maxima, scaled <= UInt64(UInt16.max) {
                    unsafe maxima.append(dense)
                    weights.append(UInt16(scaled))
                } else {
                    unsafe sparse.append(list)
                }
            }
            let padded = (ranges.upperBound + 63) / 64 * 64
            unsafe apus_dense_bounds(
                apus_level(), maxima, weights, maxima.count, ranges.lowerBound, padded, bounds)
            return unsafe sparse.reduce(0) {
                unsafe $0 + apus_list_bounds($1, factor, ranges.lowerBound, ranges.upperBound, bounds)
            }
        }
    }

    private func each<Value>(_ body: (UnsafePointer<apus_list>) -> Value) -> [Value] {
        withExtendedLifetime(self) { places.indices.map { unsafe body(lists.pointer + $0) } }
    }
}
