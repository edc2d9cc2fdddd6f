import InvertedIndex
import Testing

/// The number of segments and the number of times a document is written both stay logarithmic.
@Suite struct MergePolicyTests {
    private func appended(_ sizes: [Int]) -> (segments: [Int], written: Int, most: Int) {
        var segments: [Int] = []
        var (written, most) = (0, 0)
        for size in sizes {
            segments.append(size)
            written += size
            while let range = MergePolicy.next(segments) {
                let joined = segments[range].reduce(0, +)
                written += joined
                segments.replaceSubrange(range, with: [joined])
            }
            most = max(most, segments.count)
        }
        return (segments, written, most)
    }

    @Test func fewSegmentsStayAsTheyAre() {
        #expect(MergePolicy.next([]) == nil)
        #expect(MergePolicy.next([1, 1, 1]) == nil)
        #expect(MergePolicy.next([Int](repeating: 1, count: 7)) == nil)
        #expect(MergePolicy.next([4_096, 4_096, 4_096]) == nil)
        #expect(MergePolicy.next([1_000_000, 1]) == nil)
        #expect(MergePolicy.next([65_536, 16_384, 4_096, 512, 64, 8, 1]) == nil)
    }

    @Test func eightSmallOnesOrFourLargeOnesOfOneLevelBecomeOne() {
        #expect(MergePolicy.next([1, 1, 1, 1, 1, 1, 1, 1]) == 0..<8)
        #expect(MergePolicy.next([5_000, 1, 2, 3, 7, 1, 2, 3, 1]) == 1..<9)
        #expect(MergePolicy.next([5_000, 4_100, 5_000, 16_000]) == 0..<4)
        // A large one takes in the small ones before it; younger, smaller ones go along.
        #expect(MergePolicy.next([5_000, 1, 2, 300]) == 1..<4)
        #expect(MergePolicy.next([5_000, 9, 10, 11, 12, 13, 14, 15, 16, 1]) == 1..<10)
    }

    @Test func tenThousandSingleDocuments() {
        let (segments, written, most) = appended([Int](repeating: 1, count: 10_000))
        #expect(segments.reduce(0, +) == 10_000)
        // Seven of each small level and three of one more, and the one that comes; written once, and once for each level.
        #expect(most <= 4 * 7 + 3 + 1)
        #expect(Double(written) / 10_000 <= 6)
    }

    @Test(arguments: 0..<20 as Range<UInt64>) func anySizes(seed: UInt64) {
        var state = seed
        func next() -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return 1 << Int(state >> 59) % 16
        }
        let sizes = (0..<2_000).map { _ in next() }
        let (segments, written, most) = appended(sizes)
        let total = sizes.reduce(0, +)
        #expect(segments.reduce(0, +) == total)
        #expect(most <= 4 * 7 + 3 * 8)
        #expect(written <= 16 * total)
    }
}
