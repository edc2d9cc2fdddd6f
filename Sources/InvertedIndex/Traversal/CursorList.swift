/// The cursors of one query on one segment; frees their buffers when dropped.
@safe final class CursorList {
    let cursors: UnsafeMutableBufferPointer<PostingCursor>
    private let tables: BM25Tables?
    private let segment: Segment

    /// One cursor per query term that the segment holds.
    init(_ segment: Segment, number view: Int, _ query: PreparedQuery) {
        tables = query.tables
        self.segment = segment
        var found: [PostingCursor] = []
        for term in query.terms {
            guard let number = term.numbers[view], let reader = segment.fields[term.scorer.field] else {
                continue
            }
            let isText = term.scorer.field == .text
            unsafe found.append(
                PostingCursor(
                    reader, term: number, scorer: term.scorer(in: view),
                    lengths: isText ? segment.lengths.baseAddress : nil,
                    inverses: isText ? tables?.inverses.pointer : nil))
        }
        unsafe cursors = .allocate(capacity: found.count)
        _ = unsafe cursors.initialize(from: found)
    }

    deinit {
        for index in unsafe cursors.indices { unsafe cursors[index].free() }
        unsafe cursors.deinitialize()
        unsafe cursors.deallocate()
    }

    /// Adds what the cursors decoded.
    func count(into counters: inout SearchCounters) {
        for index in unsafe cursors.indices {
            counters.blocks += unsafe cursors[index].decodedBlocks
            counters.blocksInLists += unsafe cursors[index].blocksInList
        }
    }
}
