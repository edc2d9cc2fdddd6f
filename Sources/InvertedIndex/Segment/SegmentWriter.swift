import FileStorage

/// Writes one immutable segment: a safetensors container with both fields and the documents' external ids.
///
///     id.bytes U8, id.ends U32 [documents]    external ids by docid
///     id.descending U32 [documents]           docids by external id, descending by UTF-8 bytes
///     rows U32 [documents]                    the row of each docid in the segment's texts
///     text.words U32 [documents]              how many words each document has, exactly; older segments lack it
///     vectors.bytes, vectors.ends             the learned vector of each document, see VectorWriter; only where they are stored
///     checksums U32 [pages]                   CRC-32C of each 4,096 bytes before it, see CheckedFile; the last tensor
///
/// The fields' tensors are described at FieldWriter. Fields come first and are written as their sources give them; nothing of a
/// field's postings is held.
struct SegmentWriter {
    private let directory: String
    private let name: String
    private let profile: IndexProfile
    private let file: SafetensorsStream
    private let lengths: [UInt8]
    private let wordCounts: [UInt32]
    private let storesVectors: Bool

    /// Begins a segment.
    /// - Parameters:
    ///   - wordCounts: How many words each document has.
    ///   - storesVectors: Whether learned vectors are written as such, beside the posting lists.
    /// - Throws: ``IndexError/storage(_:)``.
    init(
        to directory: String, name: String, permissions: UInt32?, wordCounts: [UInt32], profile: IndexProfile,
        storesVectors: Bool
    ) throws(IndexError) {
        self.directory = directory
        self.name = name
        self.profile = profile
        self.wordCounts = wordCounts
        self.storesVectors = storesVectors
        lengths = wordCounts.map { LengthByte.encode(Int($0)) }
        let tensors = 2 * FieldWriter.mostTensors + 6 + (storesVectors ? VectorWriter.tensors : 0)
        do throws(StorageError) {
            file = try SafetensorsStream(
                path: directory + "/" + name, mostTensors: tensors, metadata: ["format": "apus segment 4"],
                permissions: permissions)
        } catch { throw .storage(error) }
    }

    /// Writes a field.
    /// - Throws: ``IndexError``, and what the source throws.
    func write(_ source: some PostingSource) throws(IndexError) {
        var field = FieldWriter(
            source.field, documents: wordCounts.count, lengths: lengths, profile: profile,
            storesVectors: storesVectors, to: file, directory: directory)
        try field.write(source)
    }

    /// Writes the documents, and makes the file durable under its name.
    /// - Parameters:
    ///   - rows: The row of each document in the segment's texts.
    ///   - descending: Docids by external id.
    ///   - id: The bytes of the external id of a docid; asked for in order.
    /// - Returns: What a commit says of it; of clipped and dropped weights, the scale and texts nothing yet.
    /// - Throws: ``IndexError/storage(_:)``.
    func finish(
        rows: [UInt32], descending: [UInt32], isReordered: Bool, id: (Int) -> UnsafeBufferPointer<UInt8>
    ) throws(IndexError) -> SegmentEntry {
        do throws(StorageError) {
            try unsafe writeIDs(id)
            try file.write("id.descending", .u32, descending)
            try file.write("rows", .u32, rows)
            try file.write("text.lengths", .u8, lengths)
            try file.write("text.words", .u32, wordCounts)
            let written = try file.commit()
            return SegmentEntry(
                file: name, documents: wordCounts.count, bytes: written.bytes, crc32c: written.root,
                words: wordCounts.reduce(0) { $0 + Int($1) }, documentsWithText: wordCounts.count { $0 > 0 },
                clipped: 0,
                dropped: 0, isReordered: isReordered)
        } catch { throw .storage(error) }
    }

    private func writeIDs(_ id: (Int) -> UnsafeBufferPointer<UInt8>) throws(StorageError) {
        var ends: [UInt32] = []
        ends.reserveCapacity(wordCounts.count)
        var end: UInt32 = 0
        try file.begin("id.bytes", .u8)
        for docid in wordCounts.indices {
            let bytes = unsafe id(docid)
            try unsafe file.append(UnsafeRawBufferPointer(bytes))
            end += UInt32(bytes.count)
            ends.append(end)
        }
        try file.end(shape: [Int(end)])
        try file.write("id.ends", .u32, ends)
    }
}
