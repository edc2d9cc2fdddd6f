public import FileStorage

/// What a commit says of one segment.
public struct SegmentEntry: Sendable, Codable, Equatable {
    /// The file of texts that travels with a segment.
    public struct Texts: Sendable, Codable, Equatable {
        /// File name inside the index directory.
        public var file: String
        /// Bytes of the file.
        public var bytes: Int
        /// CRC-32C of the file.
        public var crc32c: UInt32
        /// What the file says of its content, so that another index's file is never taken for it.
        public var identity: UInt32
    }

    /// What is left of a segment from which documents were deleted.
    public struct Live: Sendable, Codable, Equatable {
        /// File name inside the index directory.
        public var file: String
        /// Bytes of the file.
        public var bytes: Int
        /// The root of the file's checksums.
        public var crc32c: UInt32
        /// Documents that live.
        public var documents: Int
        /// Σ their lengths in words.
        public var words: Int
        /// Those of them with at least one word.
        public var documentsWithText: Int
    }

    /// File name inside the index directory.
    public var file: String
    /// Documents, deleted ones included.
    public var documents: Int
    /// Bytes of the file.
    public var bytes: Int
    /// The root of the file's checksums, see `CheckedFile` (format 3: the CRC-32C of the file).
    public var crc32c: UInt32
    /// Σ document lengths in words, for BM25's average length.
    public var words: Int
    /// Documents with at least one word.
    public var documentsWithText: Int
    /// Learned weights above the largest impact.
    public var clipped: Int
    /// Learned weights below half a quantum.
    public var dropped: Int
    /// Whether similar documents were made neighbours.
    public var isReordered: Bool
    /// Impact per unit of learned weight; nil where there is no learned field yet.
    public var scale: Float?
    /// Its documents' texts; nil where none are kept, or where they are in the segment's own file.
    public var texts: Texts?
    /// What the texts in the segment's own file say of their content; nil where there are none.
    public var packedTexts: UInt32?
    /// Its documents that live; nil where none was deleted.
    public var live: Live?
}

extension SegmentEntry {
    /// Whether the file is a `PackedFile`, and ``crc32c`` the checksum of all of it.
    var isPacked: Bool { file.hasSuffix(".packed") }
}

extension SegmentEntry.Texts {
    /// Compares the file with its checksum.
    /// - Throws: ``StorageError/malformed(path:detail:)``, or why it cannot be read.
    public func verify(_ path: String) throws(StorageError) {
        let found = try CRC32C.checksum(ofFile: path)
        guard found == (bytes, crc32c) else {
            throw .malformed(path: path, detail: "the checksum of its \(found.bytes) bytes does not hold")
        }
    }

    /// Makes the file at `<path>.tmp` durable and gives it its name.
    init(adopting path: String, identity: UInt32, permissions: UInt32?) throws(IndexError) {
        do throws(StorageError) {
            let adopted = try AtomicFile.adopt(path, permissions: permissions)
            self.init(
                file: Directory.name(of: path), bytes: adopted.bytes, crc32c: adopted.crc32c, identity: identity)
        } catch { throw .storage(error) }
    }
}
