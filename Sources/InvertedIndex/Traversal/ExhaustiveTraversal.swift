/// Scores every posting of every term into one accumulator per document, window after window of documents.
struct ExhaustiveTraversal {
    /// Documents whose sums stay in the first cache while all lists add to them.
    static let window = 4096

    static func run(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let sums = unsafe scratch.sums
        let documents = slice.documents
        let lists = SegmentLists(slice.segment, number: slice.number, query)
        var cursors = lists.blocks(of: documents.lowerBound)
        for first in stride(from: documents.lowerBound, to: documents.upperBound, by: window) {
            let end = min(first + window, documents.upperBound)
            unsafe counters.blocks += lists.scatter(documents, before: end, from: &cursors, to: sums)
            unsafe top.offer(sums, first..<end, segment: slice.number, scratch.found)
            top.exchange()
            unsafe (sums + first).update(repeating: 0, count: end - first)
        }
        if documents.lowerBound == 0 {
            counters.postings += lists.postings
            counters.blocksInLists += lists.blocks
        }
        counters.documents += documents.count
    }
}
