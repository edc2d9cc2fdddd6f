import FileStorage

/// Writes one immutable segment: a safetensors container with both fields and the documents' external ids.
///
///     id.bytes U8, id.ends U32 [documents]    external ids by docid
///     id.descending U32 [documents]           docids by external id, descending by UTF-8 bytes
///     rows U32 [documents]                    the row of each docid in the segment's texts
///     text.words U32 [documents]              how many words each document has, exactly; older segments lack it
///     vectors.bytes, vectors.ends             the learned vector of each document, see VectorWriter; only where they are stored
///     passages.bytes, passages.ends, passages.places, passages.last    the vector of each passage of long documents, see
///                                             PassageWriter; only where there is such a document
///     texts U8                                packed segments only: the texts, as their writer packed them
///     checksums U32 [pages]                   CRC-32C of each 4,096 bytes before it, see CheckedFile; the last tensor; not in
///                                             packed segments
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
    private let storesPassages: Bool

    /// Begins a segment.
    /// - Parameters:
    ///   - wordCounts: How many words each document has.
    ///   - storesVectors: Whether learned vectors are written as such, beside the posting lists.
    ///   - storesPassages: Whether ``writePassages(_:)`` follows the fields.
    /// - Throws: ``IndexError/storage(_:)``.
    init(
        to directory: String, name: String, permissions: UInt32?, wordCounts: [UInt32], profile: IndexProfile,
        storesVectors: Bool, storesPassages: Bool = false
    ) throws(IndexError) {
        self.directory = directory
        self.name = name
        self.profile = profile
        self.wordCounts = wordCounts
        (self.storesVectors, self.storesPassages) = (storesVectors, storesPassages)
        lengths = wordCounts.map { LengthByte.encode(Int($0)) }
        let tensors =
            2 * FieldWriter.mostTensors + 7 + (storesVectors ? VectorWriter.tensors : 0)
            + (storesPassages ? PassageWriter.tensors : 0)
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

    /// Writes the passages of long documents.
    /// - Parameter passages: Those of a docid, asked for in order; none for a document that is one passage.
    /// - Throws: ``IndexError``, and what `passages` throws.
    func writePassages(_ passages: (Int) throws(IndexError) -> [PassageVector]) throws(IndexError) {
        precondition(storesPassages, "room for the passages' tensors")
        var writer: PassageWriter
        do throws(StorageError) { writer = try PassageWriter(to: file) } catch { throw .storage(error) }
        for docid in wordCounts.indices {
            let found = try passages(docid)
            do throws(StorageError) { try writer.append(found) } catch { throw .storage(error) }
        }
        do throws(StorageError) { try writer.finish() } catch { throw .storage(error) }
    }

    /// Writes the documents, and makes the file durable under its name.
    /// - Parameters:
    ///   - rows: The row of each document in the segment's texts.
    ///   - descending: Docids by external id.
    ///   - id: The bytes of the external id of a docid; asked for in order.
    ///   - packs: Whether the file is packed where it is small, and its texts go with it.
    ///   - texts: Ends the segment's texts, which may be packed or not; nil where none are kept.
    /// - Returns: What a commit says of it; of clipped and dropped weights, the scale and a file of texts nothing yet.
    /// - Throws: ``IndexError/storage(_:)``, and what `texts` throws.
    func finish(
        rows: [UInt32], descending: [UInt32], isReordered: Bool, id: (Int) -> UnsafeBufferPointer<UInt8>,
        packs: Bool = false, texts: TextsEnd = { (_) throws(IndexError) in nil }
    ) throws(IndexError) -> SegmentEntry {
        var entry = SegmentEntry(
            file: name, documents: wordCounts.count, bytes: 0, crc32c: 0,
            words: wordCounts.reduce(0) { $0 + Int($1) }, documentsWithText: wordCounts.count { $0 > 0 },
            clipped: 0, dropped: 0, isReordered: isReordered)
        do throws(StorageError) {
            try unsafe writeIDs(id)
            try file.write("id.descending", .u32, descending)
            try file.write("rows", .u32, rows)
            try file.write("text.lengths", .u8, lengths)
            try file.write("text.words", .u32, wordCounts)
        } catch { throw .storage(error) }
        let isSmall = packs && file.isSmall
        let written = try texts(isSmall)
        do throws(StorageError) {
            // Texts that needed a file of their own leave the segment one too.
            if isSmall, written == nil || written?.packed != nil, case .segment(let number) = IndexFile(name) {
                entry.file = IndexFile.packed(named: number)
                if let packed = written?.packed { try file.write(SegmentTexts.tensor, .u8, packed) }
                entry.packedTexts = written?.identity
                (entry.bytes, entry.crc32c) = try file.commit(packedAs: directory + "/" + entry.file)
            } else {
                (entry.bytes, entry.crc32c) = try file.commit()
            }
        } catch { throw .storage(error) }
        return entry
    }

    /// Ends a segment's texts: told whether they may be packed.
    typealias TextsEnd = (_ packs: Bool) throws(IndexError) -> WrittenTexts?

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
