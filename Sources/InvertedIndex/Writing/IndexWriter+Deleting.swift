import ByteStrings
import FileStorage

extension IndexWriter {
    /// Deletes documents; they are gone from the next ``commit()`` on, from the numbers of the collection too.
    /// - Returns: Of each id, whether there was such a document; an id that comes twice is there once.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(ids × segments × log documents + documents / 64).
    @discardableResult public func delete(_ ids: [String]) throws(IndexError) -> [Bool] {
        let hiding = try hiding(ids)
        hide(hiding)
        return hiding.found
    }

    /// Buffers documents in the place of those with the same ids, where there are any. A reader sees the old one or the new
    /// one, never both and never none. A batch with a refused document changes nothing.
    /// - Returns: How many documents were replaced.
    /// - Throws: ``IndexError``.
    @discardableResult public func update(_ batch: [IndexDocument]) throws(IndexError) -> Int {
        let replaced = batch.count { contains($0.id) }
        try append(batch, replacing: true)
        return replaced
    }

    /// Where a document that lives is in the segments.
    func find(_ id: String) -> (segment: Segment, docid: UInt32)? {
        for segment in segments {
            let docid = segment.docid(of: id, among: live[segment.entry.file]?.documents)
            if let docid { return (segment, UInt32(docid)) }
        }
        return nil
    }

    /// What deleting some documents comes to.
    struct Hiding {
        /// Of each id, whether there is such a document.
        var found: [Bool] = []
        fileprivate var buffered: [String] = []
        fileprivate var live: [String: LiveDocuments] = [:]
    }

    /// Looks for documents to delete; nothing is changed yet.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func hiding(_ ids: [String]) throws(IndexError) -> Hiding {
        var hiding = Hiding()
        var seen: Set<ByteString> = []
        var docids: [String: (segment: Segment, docids: [UInt32])] = [:]
        for id in ids {
            if !seen.insert(ByteString(id)).inserted {
                hiding.found.append(false)
            } else if buffer.contains(id) {
                hiding.buffered.append(id)
                hiding.found.append(true)
            } else if let (segment, docid) = find(id) {
                docids[segment.entry.file, default: (segment, [])].docids.append(docid)
                hiding.found.append(true)
            } else {
                hiding.found.append(false)
            }
        }
        for (file, hidden) in docids {
            hiding.live[file] = try LiveDocuments(hidden.segment, live[file], hiding: hidden.docids.sorted())
        }
        return hiding
    }

    /// Deletes what was looked for.
    func hide(_ hiding: Hiding) {
        for id in hiding.buffered { buffer.hide(id) }
        live.merge(hiding.live) { $1 }
    }

    /// Documents of a segment that live.
    func living(_ segment: Segment) -> Int { live[segment.entry.file]?.documents.count ?? segment.documents }

    /// Leaves out the segments of which nothing lives.
    func dropDeleted() {
        segments.removeAll { living($0) == 0 }
        live = live.filter { $0.value.documents.count > 0 }
    }

    /// Leaves out the segments of which nothing lives, and writes what lives of the others where that has changed.
    /// - Throws: ``IndexError``.
    func writeLive() throws(IndexError) -> (entries: [SegmentEntry], live: [LiveDocuments?]) {
        dropDeleted()
        var entries: [SegmentEntry] = []
        for segment in segments {
            var entry = segment.entry
            if let state = live[entry.file] {
                let written = state.entry == nil ? try write(state, of: entry) : state
                live[entry.file] = written
                entry.live = written.entry
            }
            entries.append(entry)
        }
        return (entries, segments.map { live[$0.entry.file] })
    }

    private func write(_ state: LiveDocuments, of entry: SegmentEntry) throws(IndexError) -> LiveDocuments {
        guard case .segment(let number) = IndexFile(entry.file) else { return state }
        let name = IndexFile.live(of: number, commit: generation + 1)
        lock.willMake(name)
        do throws(StorageError) {
            return try state.written(to: directory, name: name, permissions: permissions)
        } catch { throw .storage(error) }
    }
}
