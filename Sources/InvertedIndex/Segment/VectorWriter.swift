import FileStorage

/// Writes the learned vectors of a segment's documents, from posting lists as they come: what a list holds of a part of the documents
/// waits in a scratch file until all lists have been seen, and is put in order part by part.
///
///     vectors.bytes U8               a document's terms in order with their impacts, see VectorCoding
///     vectors.ends U64 [documents]   where each document's bytes end
struct VectorWriter {
    /// Tensors that it writes.
    static let tensors = 2
    /// Documents of a part, as a power of two.
    private static let partBits: UInt32 = 15
    /// Words of a part that wait in memory.
    private static let mostWords = 1 << 13
    /// In a waiting word: the number of a term follows, instead of a document (15 bits) and its impact (8 bits, from the 16th on).
    private static let termMark: UInt32 = 1 << 31

    private struct Part {
        var words: [UInt32] = []
        var lastTerm: UInt32?
        var postings = 0
        /// Pieces of the scratch file.
        var pieces: [(offset: Int, count: Int)] = []
    }

    private let documents: Int
    private let file: SafetensorsStream
    private let scratch: ScratchFile
    private var parts: [Part]
    private var term: UInt32 = 0

    init(documents: Int, to file: SafetensorsStream, directory: String) {
        self.documents = documents
        self.file = file
        scratch = ScratchFile(directory: directory, most: 1 << 20)
        parts = [Part](repeating: Part(), count: (documents + (1 << Self.partBits) - 1) >> Self.partBits)
    }

    /// Takes the posting list of the next term.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    mutating func append(_ list: PostingList) throws(StorageError) {
        var next = 0
        while next < list.docids.count {
            let part = Int(list.docids[next] >> Self.partBits)
            if parts[part].lastTerm != term {
                parts[part].words.append(Self.termMark)
                parts[part].words.append(term)
                parts[part].lastTerm = term
            }
            let first = next
            while next < list.docids.count, Int(list.docids[next] >> Self.partBits) == part {
                parts[part].words.append(
                    list.docids[next] & (1 << Self.partBits - 1) | list.values[next] << 16)
                next += 1
            }
            parts[part].postings += next - first
            if parts[part].words.count >= Self.mostWords { try spill(part) }
        }
        term += 1
    }

    private mutating func spill(_ part: Int) throws(StorageError) {
        let bytes = unsafe parts[part].words.withUnsafeBytes { unsafe [UInt8]($0) }
        parts[part].pieces.append((scratch.count, bytes.count))
        try scratch.append(bytes)
        parts[part].words.removeAll(keepingCapacity: true)
    }

    /// Writes the tensors.
    /// - Throws: ``StorageError``.
    /// - Complexity: O(postings) time, O(postings of 32,768 documents) memory.
    mutating func finish() throws(StorageError) {
        var ends: [UInt64] = []
        ends.reserveCapacity(documents)
        var written = 0
        try file.begin("vectors.bytes", .u8)
        for part in parts.indices {
            let first = part << Int(Self.partBits)
            let bytes = try vectors(of: part, documents: min(documents - first, 1 << Int(Self.partBits))) {
                ends.append(UInt64(written + $0))
            }
            try file.append(bytes)
            written += bytes.count
            parts[part] = Part()
        }
        try file.end(shape: [written])
        try file.write("vectors.ends", .u64, ends)
    }

    /// The bytes of a part's documents, one document after another.
    /// - Parameter end: Told where each ends.
    private func vectors(
        of part: Int, documents: Int, end: (Int) -> Void
    ) throws(StorageError) -> [UInt8] {
        let part = parts[part]
        var starts = [Int](repeating: 0, count: documents + 1)
        try forEachWord(part) { _, document, _ in starts[document + 1] += 1 }
        for document in 0..<documents { starts[document + 1] += starts[document] }
        var next = starts
        var terms = [UInt32](repeating: 0, count: part.postings)
        var impacts = [UInt8](repeating: 0, count: part.postings)
        try forEachWord(part) { term, document, impact in
            terms[next[document]] = term
            impacts[next[document]] = impact
            next[document] += 1
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(3 * part.postings)
        for document in 0..<documents {
            var expected = 0
            for posting in starts[document]..<starts[document + 1] {
                VectorCoding.append(Int(terms[posting]), impacts[posting], after: &expected, to: &bytes)
            }
            end(bytes.count)
        }
        return bytes
    }

    private func forEachWord(
        _ part: Part, _ body: (_ term: UInt32, _ document: Int, _ impact: UInt8) -> Void
    ) throws(StorageError) {
        var (term, isTerm) = (UInt32(0), false)
        func take(_ word: UInt32) {
            if isTerm {
                (term, isTerm) = (word, false)
            } else if word == Self.termMark {
                isTerm = true
            } else {
                body(term, Int(word & (1 << Self.partBits - 1)), UInt8(truncatingIfNeeded: word >> 16))
            }
        }
        var bytes: [UInt8] = []
        for piece in part.pieces {
            try scratch.read(piece.offset, piece.count, into: &bytes)
            unsafe bytes.withUnsafeBytes { bytes in
                for place in stride(from: 0, to: bytes.count, by: 4) {
                    unsafe take(bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
                }
            }
        }
        for word in part.words { take(word) }
    }
}
