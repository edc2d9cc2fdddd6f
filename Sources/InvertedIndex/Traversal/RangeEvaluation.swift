/// Scores the documents of given ranges of one segment, exactly.
final class RangeEvaluation {
    private let slice: SegmentSlice
    private let lists: SegmentLists
    private let scratch: Scratch
    private let starts: [Int]
    private var cursors: [Int]

    init(_ slice: SegmentSlice, lists: SegmentLists, _ scratch: Scratch) {
        self.slice = slice
        self.lists = lists
        self.scratch = scratch
        starts = lists.blocks(of: slice.documents.lowerBound)
        cursors = starts
    }

    /// Goes back to the start of every list.
    func restart() { cursors = starts }

    /// Scores ascending ranges, all after those of the calls since the last restart.
    func score(_ ranges: UnsafePointer<UInt32>, _ count: Int, _ top: inout TopK, _ counters: inout SearchCounters) {
        guard count > 0 else { return }
        let (sums, chosen) = unsafe (scratch.partial, scratch.chosen)
        for index in 0..<count {
            let range = unsafe Int(ranges[index])
            unsafe (sums + range * rangeSize).update(repeating: 0, count: rangeSize)
            unsafe chosen[range / 64] |= 1 << UInt64(range % 64)
        }
        unsafe counters.blocks += lists.scatter(ranges, count, chosen: chosen, from: &cursors, to: sums)
        for index in 0..<count {
            let range = unsafe Int(ranges[index])
            unsafe chosen[range / 64] = 0
            let first = range * rangeSize
            unsafe top.offer(
                sums, first..<min(first + rangeSize, slice.documents.upperBound), segment: slice.number,
                scratch.found)
        }
        counters.documents += count * rangeSize
    }
}
