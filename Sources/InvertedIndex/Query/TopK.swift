import CApusKernels
import Foundation

/// The best `k` documents so far, over all segments.
///
/// Order: score descending, then external id descending by UTF-8 bytes (trec_eval's order). Candidates gather in a buffer of
/// several times `k`, and are counted by score in steps of at most a 128th: as soon as `k` of them are known to lie above a
/// step, the threshold rises to it. When the buffer is full, the best `k` are selected. That costs O(1) per candidate,
/// where a heap costs O(log k).
@safe struct TopK {
    struct Entry {
        let score: UInt32
        let segment: Int32
        let docid: UInt32
    }

    let k: Int
    /// The lowest score of the current view that may still enter: a document with exactly this score enters only if it wins the
    /// tie.
    private(set) var threshold: UInt32 = 1
    /// The same as scores of different views are compared, see ``ScoreUnits``.
    private(set) var floor: UInt32
    private let units: ScoreUnits
    private let isCommon: Bool
    private let boost: ScoreBoost?
    private var view = 0
    private let views: [SegmentView]
    /// The bits of the documents that count, by segment; empty where nothing is hidden.
    private let bits: [UnsafeMutablePointer<UInt64>?]
    /// Whether so few documents of a view count that going through them beats looking for sums; empty as above.
    private let isSparse: [Bool]
    private var buffer: [Entry] = []
    private let capacity: Int
    private let shared: SharedThreshold?
    private var steps = ScoreSteps()

    /// - Parameters:
    ///   - boost: The documents' factors; what is offered is without them.
    ///   - shared: What other threads of the same search have reached.
    init(
        k: Int, views: [SegmentView], units: ScoreUnits, boost: ScoreBoost? = nil, shared: SharedThreshold? = nil
    ) {
        self.views = views
        self.boost = boost
        self.units = units
        isCommon = units.common != nil
        floor = isCommon ? 1 : 0
        unsafe bits = views.contains { $0.hidden > 0 } ? unsafe views.map { unsafe $0.documents?.words } : unsafe []
        isSparse =
            views.contains { $0.hidden > 0 } ? views.map { Self.sparseShare * $0.count < $0.segment.documents } : []
        self.shared = shared
        self.k = min(k, views.reduce(0) { $0 + $1.count })
        capacity = self.k + max(64, min(4 * self.k, 1 << 16))
        buffer.reserveCapacity(min(capacity, 1 << 14))
    }

    /// Documents among which at most one counts where going through those pays.
    private static let sparseShare = 16

    /// Says which view's documents are offered from now on.
    mutating func enter(_ view: Int) {
        self.view = view
        threshold = units.least(floor, in: view)
    }

    /// Says that at least `k` documents are known to reach a score, as compared, so that lower ones need not be offered.
    mutating func raise(to floor: UInt32) {
        guard floor > self.floor else { return }
        self.floor = floor
        threshold = isCommon ? floor : units.least(floor, in: view)
    }

    /// Tells the other threads of the search the threshold, and takes over theirs.
    mutating func exchange() { if let shared { raise(to: shared.raise(to: floor)) } }

    /// Adds what another thread found in other documents.
    mutating func merge(_ other: TopK) {
        raise(to: other.floor)
        for entry in other.buffer {
            if Int(entry.segment) != view { enter(Int(entry.segment)) }
            offer(entry.score, segment: view, docid: entry.docid)
        }
    }

    /// Offers a document. Documents that score 0 match nothing and never enter; hidden ones are refused here and nowhere else.
    @inline(__always)
    mutating func offer(_ score: UInt32, segment: Int, docid: UInt32) {
        guard score >= threshold, k > 0 else { return }
        if unsafe !bits.isEmpty, let words = unsafe bits[segment],
            unsafe words[Int(docid) / 64] >> UInt64(docid % 64) & 1 == 0
        {
            return
        }
        let entry = Entry(score: score, segment: Int32(segment), docid: docid)
        buffer.append(entry)
        let reached =
            isCommon
            ? steps.count(score, k: k, ofFloats: false) : steps.count(compared(entry), k: k, ofFloats: true)
        if let reached { raise(to: reached) }
        if buffer.count == capacity { shrink() }
    }

    /// A candidate's score as it is compared.
    @inline(__always)
    private func compared(_ entry: Entry) -> UInt32 {
        if isCommon { return entry.score }
        let view = Int(entry.segment)
        guard let boost else { return units.comparable(entry.score, in: view) }
        return units.comparable(
            entry.score, in: view, factor: boost.factor(segment: view, docid: entry.docid))
    }

    /// Offers those of the documents `docids` whose sums can still enter.
    /// - Parameters:
    ///   - start: The document whose sum is the first.
    ///   - room: For as many docids.
    mutating func offer(
        _ sums: UnsafePointer<UInt32>, _ docids: Range<Int>, sumsFrom start: Int = 0, segment: Int,
        _ room: UnsafeMutablePointer<UInt32>
    ) {
        if !isSparse.isEmpty, isSparse[segment], let words = unsafe bits[segment] {
            for word in docids.lowerBound / 64..<(docids.upperBound + 63) / 64 {
                var rest = unsafe words[word]
                while rest != 0 {
                    let docid = word * 64 + rest.trailingZeroBitCount
                    rest &= rest - 1
                    guard docids.contains(docid), case let sum = unsafe sums[docid - start], sum > 0 else { continue }
                    offer(sum, segment: segment, docid: UInt32(docid))
                }
            }
            return
        }
        let count = unsafe apus_collect_at_least(
            apus_level(), sums, docids.lowerBound - start, docids.upperBound - start, max(1, threshold), room)
        for index in 0..<count {
            let place = unsafe Int(room[index])
            unsafe offer(sums[place], segment: segment, docid: UInt32(start + place))
        }
    }

    /// Makes ``threshold`` as high as the candidates allow; traversals that live by it call this once they have `k`.
    @inline(__always)
    mutating func tighten() { if buffer.count >= k, k > 0 { shrink() } }

    /// Keeps the best `k`, in any order; the worst of them gives the threshold.
    private mutating func shrink() {
        var scores = isCommon ? buffer.map { $0.score } : buffer.map(compared)
        let worst = unsafe scores.withUnsafeMutableBufferPointer { unsafe Self.select($0, k) }
        var better = 0
        var ties: [Entry] = []
        let isCommon = isCommon
        for entry in buffer {
            let score = isCommon ? entry.score : compared(entry)
            guard score >= worst else { continue }
            if score > worst {
                buffer[better] = entry
                better += 1
            } else {
                ties.append(entry)
            }
        }
        if better + ties.count > k { ties.sort { winsTie($0, $1) } }
        buffer.removeSubrange(better...)
        buffer.append(contentsOf: ties.prefix(k - better))
        raise(to: worst)
    }

    /// The `k`-th largest value, by quickselect.
    private static func select(_ values: UnsafeMutableBufferPointer<UInt32>, _ k: Int) -> UInt32 {
        var (low, high) = (0, values.count - 1)
        while low < high {
            // The middle of three guards against sorted input, which docid order often gives.
            let (a, b, c) = unsafe (values[low], values[(low + high) / 2], values[high])
            let pivot = max(min(a, b), min(max(a, b), c))
            var (left, right) = (low, high)
            while left <= right {
                while unsafe values[left] > pivot { left += 1 }
                while unsafe values[right] < pivot { right -= 1 }
                if left <= right {
                    unsafe values.swapAt(left, right)
                    left += 1
                    right -= 1
                }
            }
            if k - 1 <= right { high = right } else if k - 1 >= left { low = left } else { return pivot }
        }
        return unsafe values[k - 1]
    }

    private func winsTie(_ a: Entry, _ b: Entry) -> Bool {
        let first = unsafe views[Int(a.segment)].segment.idUTF8(Int(a.docid))
        let second = unsafe views[Int(b.segment)].segment.idUTF8(Int(b.docid))
        guard let left = first.baseAddress, let right = second.baseAddress else { return first.count > second.count }
        let order = unsafe memcmp(left, right, min(first.count, second.count))
        return order == 0 ? first.count > second.count : order > 0
    }

    /// The best `k`, best first; with their scores as they were compared.
    mutating func sorted() -> [Entry] { order().map(\.entry) }

    /// The best `k`, best first; with what was offered of each, and with that as it was compared.
    mutating func sums() -> [(entry: Entry, compared: UInt32)] {
        order().map { found in
            let entry = Entry(score: found.sum, segment: found.entry.segment, docid: found.entry.docid)
            return (entry, found.entry.score)
        }
    }

    private mutating func order() -> [(entry: Entry, sum: UInt32)] {
        if buffer.count > k { shrink() }
        // Scores as integers first, for speed; then the few runs of equal ones by id.
        var keys = buffer.indices.map { UInt64(compared(buffer[$0])) << 32 | UInt64($0) }
        var room = keys
        unsafe apus_sort_descending(&keys, keys.count, &room)
        var entries = keys.map { key in
            let entry = buffer[Int(key & 0xFFFF_FFFF)]
            let compared = Entry(score: UInt32(key >> 32), segment: entry.segment, docid: entry.docid)
            return (entry: compared, sum: entry.score)
        }
        var start = 0
        while start < entries.count {
            var end = start + 1
            while end < entries.count, entries[end].entry.score == entries[start].entry.score { end += 1 }
            if end - start > 1 { entries[start..<end].sort { winsTie($0.entry, $1.entry) } }
            start = end
        }
        return entries
    }
}
