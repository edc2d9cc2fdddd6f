/// Which segments are joined so that their number stays logarithmic, and each document is written a logarithmic number of times.
///
/// Levels begin at 1, 8, 64, 512 and 4,096 documents, and then at four times as many each: eight of one of the first four become
/// one, four of a later one, with the younger ones behind them. A small segment costs a search microseconds and a commit a line, and
/// each level fewer is one writing fewer of every document. Levels fall from the oldest segment to the youngest: one that comes
/// after lower ones takes them in. Source: O'Neil et al., "The Log-Structured Merge-Tree", 1996, with the levels of Lucene's
/// `LogDocMergePolicy`.
public enum MergePolicy {
    /// Segments of a level that become one, and the ratio of the levels' sizes.
    public static let fanOut = 4

    /// The same for segments of fewer than ``mostSmall`` documents.
    public static let smallFanOut = 8

    /// Documents with which levels begin to grow by ``fanOut``.
    static let mostSmall = 1 << (3 * smallLevels)
    private static let smallLevels = 4

    /// Of a segment's documents, the share that may be deleted before it is written anew: each deleted document is paid for by
    /// writing at most three others, and searching never reads more than a third in vain.
    public static let largestDeletedShare = 0.25

    /// The next segments to join, or the one to write anew; nil when they may stay as they are.
    /// - Parameters:
    ///   - documents: The documents of each that live, oldest first.
    ///   - deleted: The others; empty where there are none.
    /// - Complexity: O(segments).
    public static func next(_ documents: [Int], deleted: [Int] = []) -> Range<Int>? {
        let levels = documents.map(level)
        for end in levels.indices.dropFirst() where levels[end] > levels[end - 1] {
            let lower = levels[..<end].reversed().prefix { $0 < levels[end] }.count
            return (end - lower)..<(end + 1)
        }
        for (start, level) in levels.enumerated() {
            let alike = levels[start...].prefix { $0 == level }.count
            if alike >= (level < smallLevels ? smallFanOut : fanOut) { return start..<levels.count }
        }
        for (place, (deleted, documents)) in zip(deleted, documents).enumerated()
        where Double(deleted) > largestDeletedShare * Double(deleted + documents) { return place..<place + 1 }
        return nil
    }

    private static func level(_ documents: Int) -> Int {
        let logarithm = Int.bitWidth - 1 - max(1, documents).leadingZeroBitCount
        return logarithm < 3 * smallLevels ? logarithm / 3 : smallLevels + (logarithm - 3 * smallLevels) / 2
    }
}
