/// The cursors of one query on one segment; frees their buffers when dropped.
final class CursorList {
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
            found.append(
                PostingCursor(
                    reader, term: number, scorer: term.scorer(in: view),
                    lengths: isText ? segment.lengths.baseAddress : nil,
                    inverses: isText ? tables?.inverses.pointer : nil))
        }
        cursors = .allocate(capacity: found.count)
        _ = cursors.initialize(from: found)
    }

    deinit {
        for cursor in cursors { cursor.free() }
        cursors.deinitialize()
        cursors.deallocate()
    }

    /// Adds what the cursors decoded.
    func count(into counters: inout SearchCounters) {
        for cursor in cursors {
            counters.blocks += cursor.decodedBlocks
            counters.blocksInLists += cursor.blocksInList
        }
    }
}
