/// The best `k` documents so far, over all segments: a binary heap with the worst on top.
///
/// Order: score descending, then external id descending by UTF-8 bytes (trec_eval's order).
struct TopK {
    struct Entry {
        let score: UInt32
        let segment: Int32
        let docid: UInt32
    }

    let k: Int
    private let segments: [Segment]
    private var heap: [Entry] = []
    private var floor: UInt32 = 1

    init(k: Int, segments: [Segment]) {
        self.segments = segments
        self.k = min(k, segments.reduce(0) { $0 + $1.documents })
        heap.reserveCapacity(self.k)
    }

    /// The lowest score that may still enter: a document with exactly this score enters only if it wins the tie.
    var threshold: UInt32 { heap.count < k ? floor : max(floor, heap.first?.score ?? .max) }

    /// Says that at least `k` documents are known to reach `score`, so that lower ones need not be offered.
    mutating func raise(to score: UInt32) { floor = max(floor, score) }

    /// Offers a document. Documents that score 0 match nothing and never enter.
    @inline(__always)
    mutating func offer(_ score: UInt32, segment: Int, docid: UInt32) {
        guard score >= threshold, k > 0 else { return }
        insert(Entry(score: score, segment: Int32(segment), docid: docid))
    }

    private mutating func insert(_ entry: Entry) {
        if heap.count < k {
            heap.append(entry)
            var child = heap.count - 1
            while child > 0 {
                let parent = (child - 1) / 2
                guard isBetter(heap[parent], heap[child]) else { break }
                heap.swapAt(parent, child)
                child = parent
            }
        } else if isBetter(entry, heap[0]) {
            heap[0] = entry
            var parent = 0
            while true {
                var worst = parent
                for child in [2 * parent + 1, 2 * parent + 2]
                where child < heap.count && isBetter(heap[worst], heap[child]) {
                    worst = child
                }
                guard worst != parent else { break }
                heap.swapAt(parent, worst)
                parent = worst
            }
        }
    }

    private func isBetter(_ a: Entry, _ b: Entry) -> Bool {
        if a.score != b.score { return a.score > b.score }
        let (first, second) = (segments[Int(a.segment)], segments[Int(b.segment)])
        if a.segment == b.segment { return first.rank[Int(a.docid)] < second.rank[Int(b.docid)] }
        return second.idUTF8(Int(b.docid)).lexicographicallyPrecedes(first.idUTF8(Int(a.docid)))
    }

    /// Best first.
    func sorted() -> [Entry] { heap.sorted(by: isBetter) }
}
