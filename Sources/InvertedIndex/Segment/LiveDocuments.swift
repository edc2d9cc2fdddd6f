import FileStorage

/// The documents of a segment that have not been deleted, as a commit stores them.
///
/// `seg-<segment>.live-<commit>` is a safetensors container, written anew by every commit that deletes from the segment:
///
///     hidden.docids U32 [deleted]           ascending, where that is shorter; else
///     live.words U64 [⌈documents / 64⌉]     a bit for each docid, 1 for a document that lives
///     checksums U32 [pages]                 as in a segment, see SegmentWriter
///
/// What the deleted documents take away from the collection's numbers follows from these and the segment: lengths from
/// `text.words`, document frequencies from the posting lists.
struct LiveDocuments: Sendable {
    let documents: DocumentSet
    /// Of the documents that live: Σ words, and how many have one.
    let words: Int
    let documentsWithText: Int
    /// The file that says so; nil while no commit has written it.
    let entry: SegmentEntry.Live?

    /// What is left of a segment after further documents are deleted.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(documents / 64 + deleted).
    init(_ segment: Segment, _ before: LiveDocuments?, hiding docids: [UInt32]) throws(IndexError) {
        documents = before?.documents.hiding(docids) ?? DocumentSet(documents: segment.documents, hiding: docids)
        var (words, documentsWithText) = (
            before?.words ?? segment.entry.words, before?.documentsWithText ?? segment.entry.documentsWithText
        )
        for count in try segment.wordCounts(of: docids) {
            words -= count
            documentsWithText -= count > 0 ? 1 : 0
        }
        self.words = words
        self.documentsWithText = documentsWithText
        entry = nil
    }

    /// Reads the file that a commit names.
    /// - Throws: ``StorageError``.
    init(_ entry: SegmentEntry.Live, of segment: SegmentEntry, in directory: String) throws(StorageError) {
        let path = directory + "/" + entry.file
        let bytes = try MappedBytes(path: path)
        guard bytes.count == entry.bytes else {
            throw .malformed(path: path, detail: "\(bytes.count) bytes, the commit says \(entry.bytes)")
        }
        let checked = try CheckedFile(bytes, root: entry.crc32c)
        try checked.verifyAll()
        let file = try SafetensorsFile(bytes: bytes)
        if let hidden = file.tensors["hidden.docids"] {
            let docids = try unsafe file.unsafeTensor(
                "hidden.docids", of: UInt32.self, type: .u32, shape: [hidden.count])
            var next: UInt32 = 0
            for place in docids.indices {
                let docid = unsafe docids[place]
                guard docid >= next, docid < segment.documents else {
                    throw .malformed(path: path, detail: "deleted documents that do not ascend or are not there")
                }
                next = docid + 1
            }
            documents = unsafe DocumentSet(documents: segment.documents, hiding: docids)
        } else {
            let count = (segment.documents + 63) / 64
            let words = try unsafe file.unsafeTensor("live.words", of: UInt64.self, type: .u64, shape: [count])
            guard unsafe segment.documents % 64 == 0 || words[count - 1] >> UInt64(segment.documents % 64) == 0 else {
                throw .malformed(path: path, detail: "documents that the segment does not have")
            }
            documents = unsafe DocumentSet(documents: segment.documents, words: words)
        }
        guard documents.count == entry.documents, (0...segment.words).contains(entry.words),
            (0...min(documents.count, segment.documentsWithText)).contains(entry.documentsWithText)
        else { throw .malformed(path: path, detail: "impossible numbers of words or documents") }
        words = entry.words
        documentsWithText = entry.documentsWithText
        self.entry = entry
    }

    private init(_ live: LiveDocuments, entry: SegmentEntry.Live) {
        documents = live.documents
        words = live.words
        documentsWithText = live.documentsWithText
        self.entry = entry
    }

    /// Writes the file, durable but for its name.
    /// - Returns: The same documents with the file that holds them.
    /// - Throws: ``StorageError``.
    func written(to directory: String, name: String, permissions: UInt32?) throws(StorageError) -> LiveDocuments {
        let bitWords = (documents.documents + 63) / 64
        let isShort = documents.hidden * MemoryLayout<UInt32>.size < bitWords * MemoryLayout<UInt64>.size
        let tensor: SafetensorsWriter.Declaration =
            isShort
            ? .init("hidden.docids", .u32, shape: [documents.hidden])
            : .init("live.words", .u64, shape: [bitWords])
        let writer = try SafetensorsWriter(
            path: directory + "/" + name, tensors: [tensor], metadata: ["format": "apus live 4"],
            permissions: permissions, checksums: true)
        if isShort {
            try writer.append("hidden.docids", documents.hiddenDocids)
        } else {
            try writer.append("live.words", documents.bits)
        }
        let written = try writer.commit()
        return LiveDocuments(
            self,
            entry: SegmentEntry.Live(
                file: name, bytes: written.bytes, crc32c: written.root, documents: documents.count, words: words,
                documentsWithText: documentsWithText))
    }
}
