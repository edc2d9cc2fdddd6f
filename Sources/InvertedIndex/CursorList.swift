/// The cursors of one query on one segment; frees their buffers when dropped.
final class CursorList {
    let cursors: UnsafeMutableBufferPointer<PostingCursor>
    private let inverses: UnsafeMutablePointer<Float>?

    /// One cursor per query term that the segment holds.
    init(_ segment: Segment, _ reader: FieldReader, _ query: PreparedQuery) {
        if query.inverses.isEmpty {
            inverses = nil
        } else {
            let copy = UnsafeMutablePointer<Float>.allocate(capacity: query.inverses.count)
            copy.initialize(from: query.inverses, count: query.inverses.count)
            inverses = copy
        }
        var found: [PostingCursor] = []
        for (name, scorer) in zip(query.terms, query.scorers) {
            guard let term = reader.number(of: name) else { continue }
            found.append(
                PostingCursor(
                    reader, term: term, scorer: scorer, lengths: inverses == nil ? nil : segment.lengths.baseAddress,
                    inverses: inverses.map { UnsafePointer($0) }))
        }
        cursors = .allocate(capacity: found.count)
        _ = cursors.initialize(from: found)
    }

    deinit {
        for cursor in cursors { cursor.free() }
        cursors.deinitialize()
        cursors.deallocate()
        inverses?.deallocate()
    }

    /// Adds what the cursors decoded.
    func count(into counters: inout SearchCounters, _ reader: FieldReader) {
        for cursor in cursors {
            counters.blocks += cursor.decodedBlocks
            counters.blocksInLists += cursor.blocksInList
        }
    }
}
