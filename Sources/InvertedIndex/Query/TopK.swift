import CApusKernels
import Foundation

/// The best `k` documents so far, over all segments.
///
/// Order: score descending, then external id descending by UTF-8 bytes (trec_eval's order). Candidates gather in a buffer of
/// several times `k`, and are counted by score in steps of at most a 128th: as soon as `k` of them are known to lie above a
/// step, the threshold rises to it. When the buffer is full, the best `k` are selected. That costs O(1) per candidate,
/// where a heap costs O(log k).
struct TopK {
    struct Entry {
        let score: UInt32
        let segment: Int32
        let docid: UInt32
    }

    let k: Int
    /// The lowest score that may still enter: a document with exactly this score enters only if it wins the tie.
    private(set) var threshold: UInt32 = 1
    /// With boosts: the lowest score with its factors that may still enter.
    private(set) var reached: UInt32 = 1
    private let boost: ScoreBoost?
    private let views: [SegmentView]
    /// The bits of the documents that count, by segment; empty where nothing is hidden.
    private let bits: [UnsafeMutablePointer<UInt64>?]
    private var buffer: [Entry] = []
    private let capacity: Int
    private let shared: SharedThreshold?
    private var steps = ScoreSteps()

    /// - Parameters:
    ///   - boost: What multiplies scores; ``threshold`` and what is offered are without factors.
    ///   - shared: What other threads of the same search have reached.
    init(k: Int, views: [SegmentView], boost: ScoreBoost? = nil, shared: SharedThreshold? = nil) {
        self.views = views
        self.boost = boost
        bits = views.contains { $0.hidden > 0 } ? views.map { $0.documents?.words } : []
        self.shared = shared
        self.k = min(k, views.reduce(0) { $0 + $1.count })
        capacity = self.k + max(64, min(4 * self.k, 1 << 16))
        buffer.reserveCapacity(min(capacity, 1 << 14))
    }

    /// Says that lower scores need not be offered.
    mutating func raise(to score: UInt32) { threshold = max(threshold, score) }

    /// Says that at least `k` documents are known to reach `score`, without factors.
    mutating func promise(_ score: UInt32) {
        if let boost { reach(boost.least(score)) } else { raise(to: score) }
    }

    /// Says that at least `k` documents are known to reach `score`, with factors.
    @inline(__always)
    private mutating func reach(_ score: UInt32) {
        guard let boost else { return threshold = max(threshold, score) }
        guard score > reached else { return }
        reached = score
        threshold = max(threshold, boost.floor(of: score))
    }

    /// Tells the other threads of the search the threshold, and takes over theirs.
    mutating func exchange() { if let shared { threshold = shared.raise(to: threshold) } }

    /// Adds what another thread found in other documents.
    mutating func merge(_ other: TopK) {
        raise(to: other.threshold)
        reached = max(reached, other.reached)
        let least = boost == nil ? threshold : reached
        for entry in other.buffer where entry.score >= least && k > 0 { add(entry) }
    }

    /// Offers a document. Documents that score 0 match nothing and never enter; hidden ones are refused here and nowhere else.
    @inline(__always)
    mutating func offer(_ score: UInt32, segment: Int, docid: UInt32) {
        guard score >= threshold, k > 0 else { return }
        if !bits.isEmpty, let words = bits[segment], words[Int(docid) / 64] >> UInt64(docid % 64) & 1 == 0 { return }
        guard let boost else { return add(Entry(score: score, segment: Int32(segment), docid: docid)) }
        let boosted = boost(score, segment: segment, docid: docid)
        if boosted >= reached { add(Entry(score: boosted, segment: Int32(segment), docid: docid)) }
    }

    @inline(__always)
    private mutating func add(_ entry: Entry) {
        buffer.append(entry)
        if let score = steps.count(entry.score, k: k) { reach(score) }
        if buffer.count == capacity { shrink() }
    }

    /// Offers those of the documents `docids` whose sums can still enter.
    /// - Parameter room: For as many docids.
    mutating func offer(
        _ sums: UnsafePointer<UInt32>, _ docids: Range<Int>, segment: Int, _ room: UnsafeMutablePointer<UInt32>
    ) {
        let count = apus_collect_at_least(sums, docids.lowerBound, docids.upperBound, max(1, threshold), room)
        for index in 0..<count { offer(sums[Int(room[index])], segment: segment, docid: room[index]) }
    }

    /// Makes ``threshold`` as high as the candidates allow; traversals that live by it call this once they have `k`.
    @inline(__always)
    mutating func tighten() { if buffer.count >= k, k > 0 { shrink() } }

    /// Keeps the best `k`, in any order; the worst of them gives the threshold.
    private mutating func shrink() {
        var scores = buffer.map(\.score)
        let worst = scores.withUnsafeMutableBufferPointer { Self.select($0, k) }
        var better = 0
        var ties: [Entry] = []
        for entry in buffer where entry.score >= worst {
            if entry.score > worst {
                buffer[better] = entry
                better += 1
            } else {
                ties.append(entry)
            }
        }
        if better + ties.count > k { ties.sort { winsTie($0, $1) } }
        buffer.removeSubrange(better...)
        buffer.append(contentsOf: ties.prefix(k - better))
        reach(worst)
    }

    /// The `k`-th largest value, by quickselect.
    private static func select(_ values: UnsafeMutableBufferPointer<UInt32>, _ k: Int) -> UInt32 {
        var (low, high) = (0, values.count - 1)
        while low < high {
            // The middle of three guards against sorted input, which docid order often gives.
            let (a, b, c) = (values[low], values[(low + high) / 2], values[high])
            let pivot = max(min(a, b), min(max(a, b), c))
            var (left, right) = (low, high)
            while left <= right {
                while values[left] > pivot { left += 1 }
                while values[right] < pivot { right -= 1 }
                if left <= right {
                    values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if k - 1 <= right { high = right } else if k - 1 >= left { low = left } else { return pivot }
        }
        return values[k - 1]
    }

    private func winsTie(_ a: Entry, _ b: Entry) -> Bool {
        let first = views[Int(a.segment)].segment.idUTF8(Int(a.docid))
        let second = views[Int(b.segment)].segment.idUTF8(Int(b.docid))
        guard let left = first.baseAddress, let right = second.baseAddress else { return first.count > second.count }
        let order = memcmp(left, right, min(first.count, second.count))
        return order == 0 ? first.count > second.count : order > 0
    }

    /// The best `k`, best first.
    mutating func sorted() -> [Entry] {
        if buffer.count > k { shrink() }
        // Scores as integers first, for speed; then the few runs of equal ones by id.
        var keys = buffer.indices.map { UInt64(buffer[$0].score) << 32 | UInt64($0) }
        var room = keys
        apus_sort_descending(&keys, keys.count, &room)
        var entries = keys.map { buffer[Int($0 & 0xFFFF_FFFF)] }
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].score == entries[start].score { end += 1 }
            if end - start > 1 { entries[start..<end].sort { winsTie($0, $1) } }
            start = end
        }
        return entries
    }
}
