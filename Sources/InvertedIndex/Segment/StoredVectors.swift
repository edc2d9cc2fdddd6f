import FileStorage

/// The learned vectors of a segment's documents, as ``VectorWriter`` wrote them.
@safe struct StoredVectors: Sendable {
    /// The tensor that is read here and there.
    static let bytesName = "vectors.bytes"
    /// The owner of the memory.
    private let mapped: MappedBytes
    /// Where the bytes begin in the file.
    private let offset: Int
    private nonisolated(unsafe) let ends: UnsafeBufferPointer<UInt64>
    private nonisolated(unsafe) let bytes: UnsafeBufferPointer<UInt8>

    /// - Returns: nil where none are stored.
    /// - Throws: ``StorageError/malformed(path:detail:)``.
    init?(_ file: SafetensorsFile, documents: Int) throws(StorageError) {
        guard let tensor = file.tensors[Self.bytesName] else { return nil }
        mapped = file.bytes
        let path = mapped.path
        offset = tensor.offset
        unsafe ends = try unsafe file.unsafeTensor("vectors.ends", of: UInt64.self, type: .u64, shape: [documents])
        unsafe bytes = try unsafe file.unsafeTensor(Self.bytesName, of: UInt8.self, type: .u8)
        var last: UInt64 = 0
        for document in unsafe ends.indices {
            let end = unsafe ends[document]
            guard end >= last else { throw .malformed(path: path, detail: "ends of vectors that do not ascend") }
            last = end
        }
        guard unsafe last == bytes.count else {
            throw .malformed(path: path, detail: "vectors that end outside of their bytes")
        }
        file.bytes.advise(.random, range: offset..<offset + tensor.count)
    }

    /// Bytes of the tensors.
    var byteCount: Int { unsafe bytes.count + 8 * ends.count }

    /// Where a document's vector lies in the file.
    func range(of docid: Int) -> Range<Int> {
        unsafe offset + (docid == 0 ? 0 : Int(ends[docid - 1]))..<offset + Int(ends[docid])
    }

    /// A place in the vector of a document.
    struct Cursor {
        fileprivate var next: Int
        fileprivate let end: Int
        fileprivate var term = 0

        /// Whether nothing is left.
        var isAtEnd: Bool { next == end }
    }

    /// The beginning of a document's vector.
    func cursor(of docid: Int) -> Cursor {
        let range = range(of: docid)
        return Cursor(next: range.lowerBound - offset, end: range.upperBound - offset)
    }

    /// The next term and its impact, terms in order.
    /// - Returns: nil at the end, and where the bytes are no vector.
    func next(_ cursor: inout Cursor) -> (term: Int, impact: UInt8)? {
        var place = cursor.next
        guard let gap = unsafe VectorCoding.gap(bytes, &place, cursor.end) else { return nil }
        let found = unsafe (term: cursor.term + gap, impact: bytes[place])
        cursor.next = place + 1
        cursor.term = found.term + 1
        return found
    }

    /// The terms of a document and their impacts, terms in order.
    /// - Returns: nil where the bytes are no vector.
    /// - Complexity: O(terms of the document).
    func vector(of docid: Int) -> [(term: Int, impact: UInt8)]? {
        var (vector, cursor): ([(term: Int, impact: UInt8)], Cursor) = ([], cursor(of: docid))
        while let found = next(&cursor) { vector.append(found) }
        return cursor.isAtEnd ? vector : nil
    }
}
