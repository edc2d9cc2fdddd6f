import ApusTestSupport
import CApusKernels
import Testing

/// The posting kernels against one posting after another: lists of every density, whose blocks take every way of decoding.
@Suite struct PostingKernelTests {
    private static let shares = [0.9, 0.5, 0.2, 0.08, 0.02, 0.004, 0.0008, 0.0001, 0]

    /// Every level of this CPU; the plain one is held to the same postings.
    static let levels = Array(Int32(APUS_LEVEL_PLAIN)...apus_level_of_cpu())

    private func lists(_ documents: Int, _ level: Int32, _ random: inout SplitMix64) -> [PackedList] {
        Self.shares.enumerated().map { number, share in
            PackedList(
                documents: documents, share: share, impactBits: number % 3 == 1 ? 5 : 8,
                hasMaxima: number < 6 && number % 2 == 0, level: level, &random)
        }
    }

    private func expected(_ lists: [PackedList], _ documents: Int) -> [UInt32] {
        var sums = [UInt32](repeating: 0, count: documents)
        for list in lists { list.add(to: &sums) }
        return sums
    }

    @Test(arguments: [1, 31, 129, 5000, 60_000], levels)
    func windowsAndSlicesAddUpToEveryPosting(documents: Int, level: Int32) {
        var random = SplitMix64(seed: UInt64(documents))
        let lists = lists(documents, level, &random)
        let expected = expected(lists, documents)
        for cuts in [[0, documents], [0, documents / 3, documents / 2, documents]] {
            var all = [UInt32](repeating: 0, count: documents)
            for (first, limit) in zip(cuts, cuts.dropFirst()) {
                var cursors = [apus_window_cursor](repeating: apus_window_cursor(), count: lists.count)
                var start = first
                while start < limit {
                    let end = min(start + Int.random(in: 1...9000, using: &random), limit)
                    // Windows may be passed over.
                    if Int.random(in: 0..<4, using: &random) > 0 {
                        var window = [UInt32](repeating: 0, count: end - start)
                        _ = unsafe apus_window_scatter(
                            lists.map(unsafe \.list), lists.count, &cursors, UInt32(start), UInt32(end), &window)
                        all.replaceSubrange(start..<end, with: window)
                    } else {
                        all.replaceSubrange(start..<end, with: expected[start..<end])
                    }
                    start = end
                }
            }
            let isEqual = all == expected
            #expect(isEqual)
        }
    }

    /// Few and many ranges, scattered and side by side, in batches as a search asks for them.
    @Test(arguments: [32, 4000, 60_000], levels)
    func rangesGetWhatTheirPostingsAdd(documents: Int, level: Int32) {
        for share in [0.002, 0.03, 0.3, 1] { rangesGetWhatTheirPostingsAdd(documents, level, share) }
    }

    private func rangesGetWhatTheirPostingsAdd(_ documents: Int, _ level: Int32, _ share: Double) {
        var random = SplitMix64(seed: UInt64(documents) + UInt64(share * 1000))
        let lists = lists(documents, level, &random)
        let expected = expected(lists, documents)
        let count = (documents + 31) / 32
        let ranges = (0..<UInt32(count)).filter { _ in Double.random(in: 0..<1, using: &random) < share }
        var sums = [UInt32](repeating: 77, count: count * 32)
        var chosen = [UInt64](repeating: 0, count: count / 64 + 1)
        var cursors = [Int](repeating: 0, count: lists.count)
        let batch = Int.random(in: 1...700, using: &random)
        for start in stride(from: 0, to: ranges.count, by: batch) {
            let part = Array(ranges[start..<min(start + batch, ranges.count)])
            for range in part {
                for docid in Int(range) * 32..<Int(range) * 32 + 32 { sums[docid] = 0 }
                chosen[Int(range) / 64] |= 1 << UInt64(range % 64)
            }
            for index in lists.indices {
                _ = unsafe withUnsafePointer(to: lists[index].list) {
                    unsafe apus_list_scatter_ranges($0, &cursors[index], part, part.count, chosen, &sums)
                }
            }
            for range in part {
                let documents = Int(range) * 32..<min(Int(range) * 32 + 32, documents)
                #expect(sums[documents] == expected[documents], "range \(range)")
                chosen[Int(range) / 64] = 0
            }
        }
    }

    @Test(arguments: [32, 3000, 60_000], levels)
    func boundsAreTheLargestShares(documents: Int, level: Int32) {
        var random = SplitMix64(seed: UInt64(documents) + 5)
        let count = (documents + 31) / 32
        let factor = UInt64(4_294_967_296 / 4000)
        for list in lists(documents, level, &random) {
            var expected = [UInt16](repeating: 3, count: count)
            var largest = [UInt8](repeating: 0, count: count)
            for (docid, impact) in zip(list.docids, list.impacts) {
                largest[Int(docid) / 32] = max(largest[Int(docid) / 32], impact)
            }
            for range in 0..<count {
                unsafe expected[range] += UInt16((UInt64(list.list.weight) * UInt64(largest[range]) * factor) >> 32)
            }
            var bounds = [UInt16](repeating: 3, count: count)
            // In slices, as several threads do it.
            let middle = count / 2 / 64 * 64
            for (first, end) in [(0, middle), (middle, count)] {
                _ = unsafe withUnsafePointer(to: list.list) { unsafe apus_list_bounds($0, factor, first, end, &bounds) }
            }
            let isEqual = bounds == expected  // The arrays are too long to print.
            #expect(isEqual)
        }
    }

    @Test(arguments: [0, 1, 31, 32, 33, 4096], levels)
    func valuesAreCollectedAndSorted(count: Int, level: Int32) {
        var random = SplitMix64(seed: UInt64(count) + 9)
        let values = (0..<count).map { _ in
            UInt32.random(in: 0...40, using: &random) << UInt32.random(in: 0...26, using: &random)
        }
        for least in [UInt32(1), 20, 1 << 20, .max] {
            for start in [0, count / 3] {
                var room = [UInt32](repeating: 0, count: count + 1)
                let found = unsafe apus_collect_at_least(level, values, start, count, least, &room)
                #expect(Array(room.prefix(found)) == (start..<count).filter { values[$0] >= least }.map { UInt32($0) })
            }
        }
        var keys = values.enumerated().map { UInt64($1) << 32 | UInt64($0) }
        var room = keys
        let expected = keys.sorted { ($0 >> 32, $1 & 0xFFFF_FFFF) > ($1 >> 32, $0 & 0xFFFF_FFFF) }
        unsafe apus_sort_descending(&keys, keys.count, &room)
        #expect(keys == expected)
    }

    /// The bits one after another, lowest first, as the format says; whole registers are read behind them.
    @Test(arguments: levels) func integersOfEveryWidthAreUnpacked(level: Int32) {
        var random = SplitMix64(seed: 40)
        for bits in 0...32 {
            for count in [1, 7, 8, 9, 100, 128] {
                let most = bits == 32 ? UInt32.max : UInt32(1 << bits) - 1
                let values = (0..<count).map { _ in UInt32.random(in: 0...most, using: &random) }
                let packed = PackedList.pack(values, UInt32(bits)) + [UInt8](repeating: 0x5A, count: 32)
                var found = [UInt32](repeating: 7, count: count)
                unsafe apus_unpack(level, packed, UInt32(bits), UInt32(count), &found)
                #expect(found == values, "\(bits) bits")
                let previous = UInt32.random(in: 0...1000, using: &random)
                var docids: [UInt32] = []
                for value in values { docids.append((docids.last ?? previous) &+ value &+ 1) }
                let last = values.reduce(UInt64(previous)) { $0 + UInt64($1) + 1 }
                guard last < UInt64(UInt32.max) else { continue }
                unsafe apus_unpack_docids(level, packed, UInt32(bits), UInt32(count), previous, UInt32(last), &found)
                #expect(found == docids, "\(bits) bits")
                // Gaps that end elsewhere are damaged, and lead nowhere.
                unsafe apus_unpack_docids(
                    level, packed, UInt32(bits), UInt32(count), previous, UInt32(last) + 1, &found)
                #expect(found.allSatisfy { $0 == UInt32(last) + 1 })
            }
        }
    }

    @Test(arguments: levels) func denseBoundsAreSumsOfRoundedShares(level: Int32) {
        var random = SplitMix64(seed: 41)
        let ranges = 64 * 40
        for terms in [0, 1, 5] {
            let maxima = (0..<terms).map { _ in (0..<ranges).map { _ in UInt8.random(in: 0...255, using: &random) } }
            let weights = (0..<terms).map { _ in UInt16.random(in: 0...12_000, using: &random) }
            for (first, end) in [(0, ranges), (64, 128), (640, ranges)] {
                var expected = [UInt16](repeating: 9, count: ranges)
                for range in first..<end {
                    expected[range] = zip(maxima, weights).reduce(0) { sum, term in
                        sum + UInt16((UInt32(term.0[range]) * UInt32(term.1)) >> 8)
                    }
                }
                var bounds = [UInt16](repeating: 9, count: ranges)
                let flat = maxima.flatMap { $0 }
                unsafe flat.withUnsafeBufferPointer { flat in
                    let pointers = unsafe (0..<terms).map { term in
                        unsafe flat.baseAddress.map { unsafe $0 + term * ranges }
                    }
                    unsafe apus_dense_bounds(level, pointers, weights, terms, first, end, &bounds)
                }
                let isEqual = bounds == expected
                #expect(isEqual, "\(terms) terms, \(first)..<\(end)")
            }
        }
    }

    /// RFC 3720 B.4 gives the checksum of 32 zeros; the rest is the polynomial, bit by bit.
    @Test(arguments: levels) func checksumsAreThePolynomials(level: Int32) {
        unsafe #expect(apus_crc32c_at(level, 0, [UInt8](repeating: 0, count: 32), 32) == 0x8A91_36AA)
        var random = SplitMix64(seed: 42)
        let bytes = (0..<40_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for count in [0, 1, 7, 8, 9, 255, 767, 768, 769, 12_287, 12_288, 12_289, 40_000] {
            for start in [0, 1, 5] where start + count <= bytes.count {
                let part = Array(bytes[start..<start + count])
                var expected = ~UInt32(77)
                for byte in part {
                    expected ^= UInt32(byte)
                    for _ in 0..<8 { expected = expected >> 1 ^ (expected & 1 == 1 ? 0x82F6_3B78 : 0) }
                }
                let found = unsafe bytes.withUnsafeBytes {
                    unsafe apus_crc32c_at(level, 77, $0.baseAddress.map { unsafe $0 + start }, count)
                }
                #expect(found == ~expected, "\(count) bytes from \(start)")
            }
        }
    }

    /// A search says the same at every level: the level of a process is `APUS_LEVEL`, or the highest of the CPU.
    @Test func theChosenLevelIsOneOfThisCPU() { #expect(Self.levels.contains(apus_level())) }
}
