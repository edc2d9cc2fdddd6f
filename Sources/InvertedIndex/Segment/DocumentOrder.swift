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
    /// - Parameter source: The lists; read twice, so it is not begun.
    /// - Throws: What the source throws.
    /// - Complexity: O(postings × log documents) time, 4 bytes for each posting.
    static func bisect(documents: Int, _ source: some PostingSource) throws(IndexError) -> [UInt32] {
        // Terms of one document tell nothing; terms of most documents tell little and cost most.
        func counts(_ docids: [UInt32]) -> Bool { docids.count > 1 && docids.count * 4 < documents * 3 }
        var offsets = [UInt64](repeating: 0, count: documents + 1)
        var list = PostingList()
        var first = source
        while try first.next(&list) {
            guard counts(list.docids) else { continue }
            for docid in list.docids { offsets[Int(docid) + 1] += 1 }
        }
        for docid in 0..<documents { offsets[docid + 1] += offsets[docid] }
        var terms = [UInt32](repeating: 0, count: Int(offsets[documents]))
        var next = offsets
        var number: UInt32 = 0
        var second = source
        while try second.next(&list) {
            guard counts(list.docids) else { continue }
            for docid in list.docids {
                terms[Int(next[Int(docid)])] = number
                next[Int(docid)] += 1
            }
            number += 1
        }
        var order = (0..<UInt32(documents)).map { $0 }
        offsets.withUnsafeBufferPointer { offsets in
            terms.withUnsafeBufferPointer { terms in
                var forward = apus_forward(
                    offsets: offsets.baseAddress, terms: terms.baseAddress, term_count: Int(number))
                order.withUnsafeMutableBufferPointer { run(&forward, $0) }
            }
        }
        return order
    }

    /// The first cut on one thread, then the halves side by side; without memory the order stays as it is.
    private static func run(_ forward: inout apus_forward, _ order: UnsafeMutableBufferPointer<UInt32>) {
        guard let documents = order.baseAddress, order.count > smallest else { return }
        let parts = 2
        let spaces = (0..<parts).compactMap { _ in apus_bisection_create(forward.term_count, order.count) }
        defer { spaces.forEach { apus_bisection_free($0) } }
        guard spaces.count == parts else { return }
        apus_bisect_once(spaces[0], &forward, documents, order.count)
        let half = order.count / 2
        let total = order.count
        nonisolated(unsafe) let (view, base, workers) = (forward, documents, spaces)
        ParallelMap.forEach(count: parts, threads: parts) { part in
            var view = view
            apus_bisect(workers[part], &view, base + part * half, part == 0 ? half : total - half, smallest)
        }
    }
}
