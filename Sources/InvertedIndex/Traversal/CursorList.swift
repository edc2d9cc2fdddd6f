/// The cursors of one query on one segment; frees their buffers when dropped.
final class CursorList {
    let cursors: UnsafeMutableBufferPointer<PostingCursor>
    private let inverses: AlignedTable<Float>
    private let segment: Segment

    /// One cursor per query term that the segment holds.
    init(_ segment: Segment, number: Int, _ query: PreparedQuery) {
        inverses = query.inverses
        self.segment = segment
        var found: [PostingCursor] = []
        for term in query.terms {
            guard let number = term.numbers[number], let reader = segment.fields[term.scorer.field] else { continue }
            let isText = term.scorer.field == .text
            found.append(
                PostingCursor(
                    reader, term: number, scorer: term.scorer, lengths: isText ? segment.lengths.baseAddress : nil,
                    inverses: isText ? UnsafePointer(inverses.pointer) : nil))
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
