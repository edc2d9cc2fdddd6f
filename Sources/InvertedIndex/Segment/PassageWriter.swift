import FileStorage

/// Writes the learned vectors of documents' passages, document by document; a document of one passage has none, for its vector is the
/// document's.
///
/// The posting lists of the learned field hold the largest impact that any passage of a document gives a term.
///
///     passages.bytes U8               each passage's terms and impacts, see VectorCoding
///     passages.ends U64 [passages]    where each passage's bytes end
///     passages.places U32 [passages, 2]    its first byte in the document's text and the one behind it, 0 and 0 where not known
///     passages.last U32 [documents]   how many passages the documents have up to and with each
struct PassageWriter {
    /// Tensors that it writes.
    static let tensors = 4
    private static let pieceBytes = 1 << 18

    private let file: SafetensorsStream
    private var bytes: [UInt8] = []
    private var written = 0
    private var ends: [UInt64] = []
    private var places: [UInt32] = []
    private var last: [UInt32] = []

    /// - Throws: ``StorageError``.
    init(to file: SafetensorsStream) throws(StorageError) {
        self.file = file
        try file.begin(StoredPassages.bytesName, .u8)
    }

    /// Takes the passages of the next document.
    /// - Throws: ``StorageError``.
    mutating func append(_ passages: [PassageVector]) throws(StorageError) {
        for passage in passages {
            var expected = 0
            for (term, impact) in passage.vector {
                VectorCoding.append(term, impact, after: &expected, to: &bytes)
            }
            ends.append(UInt64(written + bytes.count))
            places.append(passage.bytes.lowerBound)
            places.append(passage.bytes.upperBound)
        }
        last.append(UInt32(ends.count))
        guard bytes.count >= Self.pieceBytes else { return }
        try flush()
    }

    private mutating func flush() throws(StorageError) {
        try file.append(bytes)
        written += bytes.count
        bytes.removeAll(keepingCapacity: true)
    }

    /// Writes the rest.
    /// - Throws: ``StorageError``.
    mutating func finish() throws(StorageError) {
        try flush()
        try file.end(shape: [written])
        try file.write("passages.ends", .u64, ends)
        try file.write("passages.places", .u32, shape: [ends.count, 2], places)
        try file.write("passages.last", .u32, last)
    }
}
