import CApusKernels
import ParallelWork

/// An order of documents in which similar ones are neighbours: gaps become small, and ranges of documents differ, so that
/// bounds prune. See `apus_bisect`.
enum DocumentOrder {
    /// Smaller segments gain nothing.
    static let fewestDocuments = 1024
    /// Groups that are left as they are.
    private static let smallest = 16

    /// Orders documents by the lists of one field.
    ///
    /// Where the terms of all documents do not fit into memory, documents change places only within groups of neighbours, as few
    /// groups as it takes.
    /// - Parameters:
    ///   - source: The lists; read twice, and once more for each further group, so it is not begun.
    ///   - memory: Bytes that may be taken.
    /// - Throws: What the source throws.
    /// - Complexity: O(postings × log documents) time, 4 bytes for each posting.
    static func bisect(documents: Int, _ source: some PostingSource, memory: Int) throws(IndexError) -> [UInt32] {
        var degrees = [UInt32](repeating: 0, count: documents)
        var list = PostingList()
        var lists = source
        while try lists.next(&list) {
            guard counts(list, documents) else { continue }
            for docid in list.docids { degrees[Int(docid)] += 1 }
        }
        var order = (0..<UInt32(documents)).map { $0 }
        for group in groups(degrees, memory: memory) {
            try bisect(group, &order, degrees, source)
        }
        return order
    }

    /// Terms of one document tell nothing; terms of most documents tell little and cost most.
    private static func counts(_ list: PostingList, _ documents: Int) -> Bool {
        list.docids.count > 1 && list.docids.count * 4 < documents * 3
    }

    /// Neighbours whose terms fit: for each posting its term, for each document its place, its offset and what the kernel needs.
    private static func groups(_ degrees: [UInt32], memory: Int) -> [Range<Int>] {
        let bytes = degrees.reduce(0) { $0 + 4 * Int($1) + 32 }
        let most = bytes / max(1, (bytes + max(1, memory) - 1) / max(1, memory)) + 1
        var (groups, start, sum) = ([Range<Int>](), 0, 0)
        for (docid, degree) in degrees.enumerated() {
            sum += 4 * Int(degree) + 32
            guard sum >= most, docid + 1 - start >= fewestDocuments else { continue }
            groups.append(start..<docid + 1)
            (start, sum) = (docid + 1, 0)
        }
        if start < degrees.count { groups.append(start..<degrees.count) }
        return groups
    }

    private static func bisect(
        _ group: Range<Int>, _ order: inout [UInt32], _ degrees: [UInt32], _ source: some PostingSource
    ) throws(IndexError) {
        // Each document's offset stands one place later until its terms are filled in, which moves it to the next one's.
        var offsets = [UInt64](repeating: 0, count: group.count + 1)
        for place in 1..<group.count {
            offsets[place + 1] = offsets[place] + UInt64(degrees[group.lowerBound + place - 1])
        }
        let postings = Int(offsets[group.count]) + Int(degrees[group.upperBound - 1])
        var terms = [UInt32](repeating: 0, count: postings)
        var list = PostingList()
        var (lists, number) = (source, UInt32(0))
        while try lists.next(&list) {
            guard counts(list, degrees.count) else { continue }
            for docid in list.docids where group.contains(Int(docid)) {
                let place = Int(docid) - group.lowerBound + 1
                terms[Int(offsets[place])] = number
                offsets[place] += 1
            }
            number += 1
        }
        var places = (0..<UInt32(group.count)).map { $0 }
        unsafe offsets.withUnsafeBufferPointer { offsets in
            unsafe terms.withUnsafeBufferPointer { terms in
                var forward = unsafe apus_forward(
                    offsets: offsets.baseAddress, terms: terms.baseAddress, term_count: Int(number))
                unsafe places.withUnsafeMutableBufferPointer { unsafe run(&forward, $0) }
            }
        }
        for (place, docid) in places.enumerated() { order[group.lowerBound + place] = UInt32(group.lowerBound) + docid }
    }

    /// The first cut on one thread, then the halves side by side; without memory the order stays as it is.
    private static func run(_ forward: inout apus_forward, _ order: UnsafeMutableBufferPointer<UInt32>) {
        guard let documents = order.baseAddress, order.count > smallest else { return }
        let parts = 2
        let spaces = unsafe (0..<parts).compactMap { _ in unsafe apus_bisection_create(forward.term_count, order.count)
        }
        defer { unsafe spaces.forEach { unsafe apus_bisection_free($0) } }
        guard unsafe spaces.count == parts else { return }
        unsafe apus_bisect_once(spaces[0], &forward, documents, order.count)
        let half = order.count / 2
        let total = order.count
        nonisolated(unsafe) let (view, base, workers) = unsafe (forward, documents, spaces)
        ParallelMap.forEach(count: parts, threads: parts) { part in
            var view = unsafe view
            unsafe apus_bisect(workers[part], &view, base + part * half, part == 0 ? half : total - half, smallest)
        }
    }
}
