import CApusKernels

/// Scores the documents of given ranges of one segment, exactly.
final class RangeEvaluation {
    private let segment: Segment
    private let number: Int
    private let lists: [apus_list]
    private let partial: UnsafeMutablePointer<UInt32>
    private var cursors: [Int]

    init(segment: Segment, number: Int, lists: [apus_list], partial: UnsafeMutablePointer<UInt32>) {
        self.segment = segment
        self.number = number
        self.lists = lists
        self.partial = partial
        cursors = Array(repeating: 0, count: lists.count)
    }

    /// Goes back to the start of every list.
    func restart() { for index in cursors.indices { cursors[index] = 0 } }

    /// Scores ascending ranges, all after those of the calls since the last restart.
    func score(_ ranges: UnsafePointer<UInt32>, _ count: Int, _ top: inout TopK, _ counters: inout SearchCounters) {
        guard count > 0 else { return }
        for index in 0..<count {
            (partial + Int(ranges[index]) * rangeSize).update(repeating: 0, count: rangeSize)
        }
        for index in lists.indices {
            counters.blocks += withUnsafePointer(to: lists[index]) {
                apus_list_scatter_ranges($0, &cursors[index], ranges, count, partial)
            }
        }
        for index in 0..<count {
            let first = Int(ranges[index]) * rangeSize
            top.offer(partial, first..<min(first + rangeSize, segment.documents), segment: number)
        }
        counters.documents += count * rangeSize
    }
}
