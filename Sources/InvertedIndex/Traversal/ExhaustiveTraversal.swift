/// Scores every posting of every term into one accumulator per document, window after window of documents.
struct ExhaustiveTraversal {
    /// Documents that are offered before the threshold is looked at again.
    static let offered = 4096

    static func run(
        _ slice: SegmentSlice, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let sums = unsafe scratch.sums
        let documents = slice.documents
        let lists = SegmentLists(slice.segment, number: slice.number, query)
        let cursors = unsafe scratch.cursors(lists.places.count)
        let size = WindowTraversal.largestWindow
        for start in stride(from: documents.lowerBound, to: documents.upperBound, by: size) {
            let window = start..<min(start + size, documents.upperBound)
            unsafe counters.blocks += lists.scatter(window, cursors, to: sums)
            for first in stride(from: start, to: window.upperBound, by: offered) {
                let some = first..<min(first + offered, window.upperBound)
                unsafe top.offer(sums, some, sumsFrom: start, segment: slice.number, scratch.found)
                top.exchange()
            }
            unsafe sums.update(repeating: 0, count: window.count)
        }
        if documents.lowerBound == 0 {
            counters.postings += lists.postings
            counters.blocksInLists += lists.blocks
        }
        counters.documents += documents.count
    }
}
