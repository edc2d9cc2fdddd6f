/// The best `k` documents so far, over all segments.
///
/// Order: score descending, then external id descending by UTF-8 bytes (trec_eval's order). Candidates gather in a buffer of
/// a little more than `k`; when it is full, the best `k` are selected and the threshold rises. That costs O(1) per
/// candidate, where a heap costs O(log k).
struct TopK {
    struct Entry {
        let score: UInt32
        let segment: Int32
        let docid: UInt32
    }

    let k: Int
    /// The lowest score that may still enter: a document with exactly this score enters only if it wins the tie.
    private(set) var threshold: UInt32 = 1
    private let segments: [Segment]
    private var buffer: [Entry] = []
    private let capacity: Int

    init(k: Int, segments: [Segment]) {
        self.segments = segments
        self.k = min(k, segments.reduce(0) { $0 + $1.documents })
        capacity = self.k + max(64, min(self.k, 1 << 16))
        buffer.reserveCapacity(min(capacity, 1 << 16))
    }

    /// Says that at least `k` documents are known to reach `score`, so that lower ones need not be offered.
    mutating func raise(to score: UInt32) { threshold = max(threshold, score) }

    /// Offers a document. Documents that score 0 match nothing and never enter.
    @inline(__always)
    mutating func offer(_ score: UInt32, segment: Int, docid: UInt32) {
        guard score >= threshold, k > 0 else { return }
        buffer.append(Entry(score: score, segment: Int32(segment), docid: docid))
        if buffer.count == capacity { shrink() }
    }

    /// Makes ``threshold`` as high as the candidates allow; traversals that live by it call this once they have `k`.
    @inline(__always)
    mutating func tighten() { if buffer.count >= k, k > 0 { shrink() } }

    /// Keeps the best `k`, in any order; the worst of them gives the threshold.
    private mutating func shrink() {
        select()
        buffer.removeSubrange(k...)
        var worst = UInt32.max
        for entry in buffer { worst = min(worst, entry.score) }
        threshold = max(threshold, worst)
    }

    /// Quickselect: afterwards the first `k` entries are the best.
    private mutating func select() {
        let segments = segments
        let k = k
        buffer.withUnsafeMutableBufferPointer { buffer in
            var (low, high) = (0, buffer.count)
            while high - low > 1 {
                // The middle of three guards against sorted input, which docid order often gives.
                let (a, b, c) = (buffer[low], buffer[(low + high) / 2], buffer[high - 1])
                let pivot = Self.middle(a, b, c, segments)
                var (left, right) = (low, high - 1)
                while left <= right {
                    while Self.isBetter(buffer[left], pivot, segments) { left += 1 }
                    while Self.isBetter(pivot, buffer[right], segments) { right -= 1 }
                    if left <= right {
                        buffer.swapAt(left, right)
                        left += 1
                        right -= 1
                    }
                }
                if k <= right { high = right + 1 } else if k >= left { low = left } else { return }
            }
        }
    }

    private static func middle(_ a: Entry, _ b: Entry, _ c: Entry, _ segments: [Segment]) -> Entry {
        let ab = isBetter(a, b, segments)
        if ab == isBetter(b, c, segments) { return b }
        return ab == isBetter(a, c, segments) ? c : a
    }

    @inline(__always)
    private static func isBetter(_ a: Entry, _ b: Entry, _ segments: [Segment]) -> Bool {
        a.score != b.score ? a.score > b.score : winsTie(a, b, segments)
    }

    @inline(never)
    private static func winsTie(_ a: Entry, _ b: Entry, _ segments: [Segment]) -> Bool {
        let (first, second) = (segments[Int(a.segment)], segments[Int(b.segment)])
        if a.segment == b.segment { return first.rank[Int(a.docid)] < second.rank[Int(b.docid)] }
        return second.idUTF8(Int(b.docid)).lexicographicallyPrecedes(first.idUTF8(Int(a.docid)))
    }

    /// The best `k`, best first.
    mutating func sorted() -> [Entry] {
        if buffer.count > k { shrink() }
        let segments = segments
        return buffer.sorted { Self.isBetter($0, $1, segments) }
    }
}
