import ParallelWork

/// Buffers of one running search, kept for the next: fresh memory would cost a page fault for every thousand documents.
final class Scratch {
    /// A sum per document; all zero between searches.
    private(set) var sums: UnsafeMutablePointer<UInt32>
    /// A sum per document; holds anything between searches.
    private(set) var partial: UnsafeMutablePointer<UInt32>
    /// A bound per range.
    private(set) var bounds: UnsafeMutablePointer<UInt16>
    /// Room for the docids of a window.
    let found: UnsafeMutablePointer<UInt32>
    /// A bit per range; all zero between uses.
    private(set) var chosen: UnsafeMutablePointer<UInt64>
    /// Room for the numbers of all ranges, twice.
    private(set) var ranges: UnsafeMutablePointer<UInt32>
    private(set) var moreRanges: UnsafeMutablePointer<UInt32>
    private let capacity: Int

    init(documents: Int) {
        // Whole ranges, and whole groups of 64 of them.
        let group = 64 * rangeSize
        capacity = max(1, (documents + group - 1) / group) * group
        sums = .allocate(capacity: capacity)
        sums.initialize(repeating: 0, count: capacity)
        partial = .allocate(capacity: capacity)
        bounds = .allocate(capacity: capacity / rangeSize)
        found = .allocate(capacity: ExhaustiveTraversal.window)
        chosen = .allocate(capacity: capacity / rangeSize / 64)
        chosen.initialize(repeating: 0, count: capacity / rangeSize / 64)
        ranges = .allocate(capacity: capacity / rangeSize + 1)
        moreRanges = .allocate(capacity: capacity / rangeSize + 1)
    }

    deinit {
        sums.deallocate()
        partial.deallocate()
        bounds.deallocate()
        found.deallocate()
        chosen.deallocate()
        ranges.deallocate()
        moreRanges.deallocate()
    }
}

/// The idle scratch buffers of an index, one per search that ever ran at the same time.
typealias ScratchPool = ObjectPool<Scratch>

extension ScratchPool {
    /// - Parameter documents: Of the largest segment.
    convenience init(documents: Int) { self.init { Scratch(documents: documents) } }
}
