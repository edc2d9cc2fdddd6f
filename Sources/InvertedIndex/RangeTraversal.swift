import CApusKernels

/// Bounds every range of 32 documents first, then scores only the ranges that can still hold a hit.
///
/// Dense terms have their largest impact in each range stored, so most of the bound is a sequential sweep; the lists of rarer
/// terms are read whole. The ranges with the highest bounds are scored first, which brings the threshold near its
/// final value; the survivors follow in docid order, each posting block decoded at most once per batch. When too many
/// survive, scoring everything is cheaper and the traversal says so.
///
/// Bounds are 16 bits wide: `S` maps the query's largest possible sum to 65,535, every term's share is rounded down, and one
/// unit per term is taken off the threshold instead, so a bound is never too low.
/// Source: after Mallia, Suel, Tonellotto, "Faster Learned Sparse Retrieval with Block-Max Pruning", SIGIR 2024, with bounds
/// swept over ranges of documents and exact scores.
struct RangeTraversal {
    /// Ranges scored first.
    private static let leaders = 24
    private static let batch = 512
    /// Scoring everything costs less when more than one in this many ranges survives.
    private static let fallbackShare = 6

    /// - Returns: Whether the segment was searched; false leaves `top` as it was, but for a higher floor.
    static func run(
        _ segment: Segment, number: Int, _ query: PreparedQuery, _ scratch: Scratch, mayFallBack: Bool,
        _ top: inout TopK, _ counters: inout SearchCounters
    ) -> Bool {
        query.withLists(segment, number: number) { lists in
            guard !lists.isEmpty else { return true }
            let ranges = rangeCount(documents: segment.documents)
            let factor = boundFactor(query, lists.map(\.place))
            let slack = UInt32(lists.count)
            setBounds(lists, query, factor, ranges, scratch, &counters)

            /// The smallest bound of a range that may hold a document with this score.
            func least(_ threshold: UInt32) -> UInt32 {
                let scaled = UInt32((UInt64(threshold) * factor) >> 32)
                return scaled > slack ? scaled - slack : 0
            }
            let first = apus_ranges_between(
                scratch.bounds, ranges, least(top.threshold), UInt32(UInt16.max) + 1, scratch.ranges)
            let before = top
            let cut = leadingBound(scratch.bounds, scratch.ranges, first, wanted: min(leaders, max(1, ranges / 16)))
            let evaluation = Evaluation(
                segment: segment, number: number, lists: lists.map(\.list), partial: scratch.partial)

            let leading = apus_ranges_between(
                scratch.bounds, ranges, cut, UInt32(UInt16.max) + 1, scratch.moreRanges)
            evaluation.score(scratch.moreRanges, leading, &top, &counters)
            top.tighten()
            let rest = apus_ranges_between(
                scratch.bounds, ranges, least(top.threshold), cut, scratch.ranges)
            counters.ranges += ranges
            if mayFallBack, rest * fallbackShare > ranges {
                let threshold = top.threshold
                top = before
                top.raise(to: threshold)
                return false
            }
            counters.rangesScored += leading
            evaluation.restart()
            var done = 0
            while done < rest {
                // The threshold has risen since, so some drop out.
                let bound = least(top.threshold)
                var count = 0
                while done < rest, count < batch {
                    let range = scratch.ranges[done]
                    done += 1
                    guard UInt32(scratch.bounds[Int(range)]) >= bound else { continue }
                    scratch.moreRanges[count] = range
                    count += 1
                }
                evaluation.score(scratch.moreRanges, count, &top, &counters)
                counters.rangesScored += count
            }
            return true
        }
    }

    /// Maps shares to bounds: bound = share × factor / 2^32.
    private static func boundFactor(_ query: PreparedQuery, _ places: [Int]) -> UInt64 {
        var largest = 1.0
        for place in places {
            let scorer = query.terms[place].scorer
            largest +=
                scorer.field == .learned ? 255 * Double(scorer.weight) : Double(scorer.bm25Weight) * scorer.scale + 1
        }
        // Dense weights are rounded up to the next multiple of 1/256, which may add one to each.
        let room = Double(UInt16.max) - 2 * Double(places.count) - 1
        return UInt64(max(0, room) / largest * 4_294_967_296)
    }

    private static func setBounds(
        _ lists: [(list: apus_list, reader: FieldReader, term: Int, place: Int)], _ query: PreparedQuery,
        _ factor: UInt64, _ ranges: Int, _ scratch: Scratch, _ counters: inout SearchCounters
    ) {
        var maxima: [UnsafePointer<UInt8>?] = []
        var weights: [UInt16] = []
        var sparse: [apus_list] = []
        for entry in lists {
            let weight = query.terms[entry.place].scorer.weight
            // weight × factor / 2^32 × 256, rounded up; a single huge weight would not fit 16 bits.
            let scaled = (UInt64(weight) * factor + (1 << 24) - 1) >> 24
            if let dense = entry.reader.maxima(ofTerm: entry.term), scaled <= UInt64(UInt16.max) {
                maxima.append(dense)
                weights.append(UInt16(scaled))
            } else {
                sparse.append(entry.list)
            }
        }
        let padded = (ranges + 63) / 64 * 64
        apus_dense_bounds(maxima, weights, maxima.count, padded, scratch.bounds)
        for list in sparse {
            withUnsafePointer(to: list) { apus_list_bounds($0, factor, scratch.bounds) }
            counters.blocks += list.blocks
        }
        for entry in lists { counters.blocksInLists += entry.list.blocks }
    }

    /// A bound that about as many of the candidates reach as are scored first.
    private static func leadingBound(
        _ bounds: UnsafePointer<UInt16>, _ candidates: UnsafePointer<UInt32>, _ count: Int, wanted: Int
    ) -> UInt32 {
        var histogram = [Int](repeating: 0, count: 1024)
        for index in 0..<count { histogram[Int(bounds[Int(candidates[index])] >> 6)] += 1 }
        var (bin, seen) = (1023, histogram[1023])
        while bin > 0, seen < wanted {
            bin -= 1
            seen += histogram[bin]
        }
        return max(1, UInt32(bin) << 6)
    }
}

/// Scores the documents of given ranges.
private final class Evaluation {
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
