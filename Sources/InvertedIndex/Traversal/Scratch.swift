import CApusKernels
import ParallelWork

/// Buffers of one running search, kept for the next: fresh memory would cost a page fault for every thousand documents.
@safe final class Scratch {
    /// A sum for each document of a window; all zero between searches.
    let sums: UnsafeMutablePointer<UInt32>
    /// A sum per document; holds anything between searches.
    private(set) var partial: UnsafeMutablePointer<UInt32>
    /// A bound per range.
    private(set) var bounds: UnsafeMutablePointer<UInt16>
    /// Room for docids that are offered together.
    let found: UnsafeMutablePointer<UInt32>
    /// A bit per range; all zero between uses.
    private(set) var chosen: UnsafeMutablePointer<UInt64>
    /// Room for the numbers of all ranges, twice.
    private(set) var ranges: UnsafeMutablePointer<UInt32>
    private(set) var moreRanges: UnsafeMutablePointer<UInt32>
    /// Room for the numbers of a window's groups, and for their bounds.
    let groups: UnsafeMutablePointer<UInt32>
    let groupBounds: UnsafeMutablePointer<UInt16>
    /// Room for those of them that are scored at once.
    let batch: UnsafeMutablePointer<UInt32>
    /// Cursors as the last search left them.
    var lastCursors: UnsafeMutablePointer<apus_window_cursor> { unsafe cursorTable }
    private var cursorTable: UnsafeMutablePointer<apus_window_cursor>
    private var cursorCapacity = 64
    private let capacity: Int

    init(documents: Int) {
        // Whole ranges, and whole groups of 64 of them.
        let group = 64 * rangeSize
        capacity = max(1, (documents + group - 1) / group) * group
        let window = min(capacity, WindowTraversal.largestWindow)
        unsafe sums = .allocate(capacity: window)
        unsafe sums.initialize(repeating: 0, count: window)
        unsafe partial = .allocate(capacity: capacity)
        unsafe bounds = .allocate(capacity: capacity / rangeSize)
        unsafe found = .allocate(capacity: ExhaustiveTraversal.offered)
        unsafe groups = .allocate(capacity: FrequentWriter.groups(documents: WindowTraversal.largestWindow))
        unsafe groupBounds = .allocate(capacity: FrequentWriter.groups(documents: WindowTraversal.largestWindow))
        unsafe batch = .allocate(capacity: Int(APUS_GROUPS_SCORED))
        unsafe cursorTable = .allocate(capacity: cursorCapacity)
        unsafe chosen = .allocate(capacity: capacity / rangeSize / 64)
        unsafe chosen.initialize(repeating: 0, count: capacity / rangeSize / 64)
        unsafe ranges = .allocate(capacity: capacity / rangeSize + 1)
        unsafe moreRanges = .allocate(capacity: capacity / rangeSize + 1)
    }

    /// Cursors of lists of which nothing was added yet; until the next call.
    func cursors(_ count: Int) -> UnsafeMutablePointer<apus_window_cursor> {
        if count > cursorCapacity {
            unsafe cursorTable.deallocate()
            cursorCapacity = count
            unsafe cursorTable = .allocate(capacity: count)
        }
        for index in 0..<count {
            unsafe cursorTable[index].block = 0
            unsafe cursorTable[index].at = 0
            unsafe cursorTable[index].size = 0
        }
        return unsafe cursorTable
    }

    deinit {
        unsafe sums.deallocate()
        unsafe partial.deallocate()
        unsafe bounds.deallocate()
        unsafe found.deallocate()
        unsafe groups.deallocate()
        unsafe groupBounds.deallocate()
        unsafe batch.deallocate()
        unsafe cursorTable.deallocate()
        unsafe chosen.deallocate()
        unsafe ranges.deallocate()
        unsafe moreRanges.deallocate()
    }
}

/// The idle scratch buffers of an index, one per search that ever ran at the same time.
typealias ScratchPool = ObjectPool<Scratch>

extension ScratchPool {
    /// - Parameter documents: Of the largest segment.
    convenience init(documents: Int) { self.init { Scratch(documents: documents) } }
}
