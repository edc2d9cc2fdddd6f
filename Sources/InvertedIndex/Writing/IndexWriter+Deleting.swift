import FileStorage

extension IndexWriter {
    /// Deletes documents; they are gone from the next ``commit()`` on, from the numbers of the collection too.
    /// - Returns: Of each id, whether there was such a document.
    /// - Complexity: O(ids × segments × log documents + documents / 64).
    @discardableResult public func delete(_ ids: [String]) -> [Bool] { hide(ids) }

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

    /// - Returns: Of each id, whether there was such a document.
    @discardableResult func hide(_ ids: [String]) -> [Bool] {
        var hidden: [String: (segment: Segment, docids: Set<UInt32>)] = [:]
        let found = ids.map { id in
            if buffer.hide(id) { return true }
            guard let (segment, docid) = find(id) else { return false }
            return hidden[segment.entry.file, default: (segment, [])].docids.insert(docid).inserted
        }
        for (file, (segment, docids)) in hidden {
            live[file] = LiveDocuments(segment, live[file], hiding: docids.sorted())
        }
        return found
    }

    /// Leaves out the segments of which nothing lives, and writes what lives of the others where that has changed.
    /// - Throws: ``IndexError``.
    func writeLive() throws(IndexError) -> (entries: [SegmentEntry], live: [LiveDocuments?]) {
        segments.removeAll { live[$0.entry.file]?.documents.count == 0 }
        live = live.filter { $0.value.documents.count > 0 }
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
