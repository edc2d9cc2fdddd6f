import CApusKernels

/// Scores every posting of every term into one accumulator per document, window after window of documents.
struct ExhaustiveTraversal {
    /// Documents whose sums stay in the first cache while all lists add to them.
    static let window = 4096

    static func run(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let sums = scratch.sums
        let documents = slice.documents
        query.withLists(slice.segment, number: slice.number) { entries in
            let lists = entries.map(\.list)
            var cursors = slice.starts(lists)
            for first in stride(from: documents.lowerBound, to: documents.upperBound, by: window) {
                let end = min(first + window, documents.upperBound)
                counters.blocks += apus_lists_scatter(
                    lists, lists.count, &cursors, UInt32(documents.lowerBound), UInt32(documents.upperBound),
                    UInt32(end),
                    sums)
                top.offer(sums, first..<end, segment: slice.number, scratch.found)
                top.exchange()
                (sums + first).update(repeating: 0, count: end - first)
            }
            if documents.lowerBound == 0 {
                for list in lists {
                    counters.postings += list.count
                    counters.blocksInLists += list.blocks
                }
            }
        }
        counters.documents += documents.count
    }
}
