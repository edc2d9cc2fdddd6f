import CApusKernels

/// Scores every posting of every term, term at a time, into one accumulator per document.
struct ExhaustiveTraversal {
    /// Documents whose sums are looked through and cleared together, while they are in the first cache.
    private static let window = 4096

    static func run(
        _ segment: Segment, number: Int, _ query: PreparedQuery, _ scratch: Scratch, _ top: inout TopK,
        _ counters: inout SearchCounters
    ) {
        let sums = scratch.sums
        query.withLists(segment, number: number) { lists in
            for entry in lists {
                withUnsafePointer(to: entry.list) { apus_list_scatter($0, sums) }
                counters.postings += entry.list.count
                counters.blocks += entry.list.blocks
                counters.blocksInLists += entry.list.blocks
            }
        }
        for first in stride(from: 0, to: segment.documents, by: window) {
            let end = min(first + window, segment.documents)
            top.offer(sums, first..<end, segment: number)
            (sums + first).update(repeating: 0, count: end - first)
        }
        counters.documents += segment.documents
    }
}
