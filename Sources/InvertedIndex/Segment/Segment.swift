import CApusKernels
import FileStorage
import Synchronization

/// A mapped, immutable segment.
@safe public final class Segment: Sendable {
    /// What the commit says of it.
    public let entry: SegmentEntry
    /// Its documents' texts; nil where none are kept.
    public let texts: SegmentTexts?
    let file: SafetensorsFile
    let fields: [Field: FieldReader]
    /// nil where vectors are not stored as such.
    let vectors: StoredVectors?
    /// nil where every document is one passage.
    let passages: StoredPassages?
    nonisolated(unsafe) let lengths: UnsafeBufferPointer<UInt8>
    /// Exact numbers of words, where ``lengths`` are rounded; empty in segments that were written without, see
    /// ``exactWordCounts()``.
    nonisolated(unsafe) let wordCounts: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let idBytes: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) private let idEnds: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let descending: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let rows: UnsafeBufferPointer<UInt32>
    /// What stands in for `wordCounts`, once it was needed.
    let summedWordCounts = Mutex<[UInt32]?>(nil)
    /// nil for a packed segment, which was compared as a whole, and for one of format 3; they have no checksums of their own.
    private let pages: CheckedFile?

    /// Documents of the segment.
    public var documents: Int { entry.documents }

    /// Maps a segment and compares everything but its postings with the checksums; those follow when a query needs them.
    /// - Parameters:
    ///   - isFormer: Whether it is one of format 3, which is read as a whole.
    ///   - textsMayDiffer: Whether the file of texts need not be there, as when damage is repaired.
    init(
        directory: String, entry: SegmentEntry, isFormer: Bool = false, textsMayDiffer: Bool = false
    ) throws(IndexError) {
        self.entry = entry
        let path = directory + "/" + entry.file
        do throws(StorageError) {
            let bytes =
                try entry.isPacked
                ? PackedFile.content(of: path, bytes: entry.bytes, crc32c: entry.crc32c) : MappedBytes(path: path)
            guard entry.isPacked || bytes.count == entry.bytes else {
                throw .malformed(path: path, detail: "\(bytes.count) bytes, the commit says \(entry.bytes)")
            }
            if entry.isPacked {
                pages = nil
                file = try SafetensorsFile(bytes: bytes)
            } else if isFormer {
                pages = nil
                guard CRC32C.checksum(of: bytes) == entry.crc32c else {
                    throw .malformed(path: path, detail: "its checksum does not hold")
                }
                file = try SafetensorsFile(bytes: bytes)
            } else {
                let checked = try CheckedFile(bytes, root: entry.crc32c)
                pages = checked
                file = try Self.verifiedHead(checked)
            }
            unsafe lengths = try unsafe file.unsafeTensor(
                "text.lengths", of: UInt8.self, type: .u8, shape: [entry.documents])
            unsafe wordCounts =
                unsafe file.tensors["text.words"] == nil
                ? UnsafeBufferPointer(start: nil, count: 0)
                : try file.unsafeTensor("text.words", of: UInt32.self, type: .u32, shape: [entry.documents])
            unsafe idBytes = try unsafe file.unsafeTensor("id.bytes", of: UInt8.self, type: .u8)
            unsafe idEnds = try unsafe file.unsafeTensor(
                "id.ends", of: UInt32.self, type: .u32, shape: [entry.documents])
            unsafe descending = try unsafe file.unsafeTensor(
                "id.descending", of: UInt32.self, type: .u32, shape: [entry.documents])
            unsafe rows =
                unsafe isFormer
                ? UnsafeBufferPointer(start: nil, count: 0)
                : try file.unsafeTensor("rows", of: UInt32.self, type: .u32, shape: [entry.documents])
            var fields: [Field: FieldReader] = [:]
            for field in Field.allCases where file.tensors[field.rawValue + ".postings"] != nil {
                fields[field] = try FieldReader(field, file, documents: entry.documents)
            }
            self.fields = fields
            vectors = try StoredVectors(file, documents: entry.documents)
            passages = try StoredPassages(file, documents: entry.documents)
            var last: UInt32 = 0
            for docid in unsafe idEnds.indices {
                let end = unsafe idEnds[docid]
                guard end > last else { throw .malformed(path: path, detail: "external ids that do not ascend") }
                last = end
            }
            guard (0...entry.documents).contains(entry.documentsWithText), (0...1 << 48).contains(entry.words) else {
                throw .malformed(path: path, detail: "impossible numbers of words or documents")
            }
            guard unsafe wordCounts.isEmpty || wordCounts.reduce(0, { $0 + Int($1) }) == entry.words else {
                throw .malformed(path: path, detail: "documents with another number of words than the commit says")
            }
            guard unsafe Int(last) == idBytes.count, unsafe descending.allSatisfy({ Int($0) < entry.documents }),
                unsafe rows.allSatisfy({ Int($0) < entry.documents })
            else {
                throw .malformed(path: path, detail: "external ids or rows outside the file")
            }
            if let identity = entry.packedTexts {
                self.texts = try SegmentTexts(in: file, rows: entry.documents, identity: identity)
                return
            }
            self.texts = try entry.texts.map { texts throws(StorageError) in
                let path = directory + "/" + texts.file
                let found = textsMayDiffer ? texts.bytes : try Directory.fileSize(path)
                guard found == texts.bytes else {
                    throw .malformed(path: path, detail: "\(found) bytes, the commit says \(texts.bytes)")
                }
                return SegmentTexts(path: path, rows: entry.documents, identity: texts.identity)
            }
        } catch {
            throw Self.translated(error, path)
        }
    }

    /// A missing file is damage: the commit names it.
    static func translated(_ error: StorageError, _ path: String) -> IndexError {
        if case .missing(let path) = error { return .corrupt(path: path, detail: "it is missing") }
        return .storage(error)
    }

    /// Reads the head, and compares every tensor but the postings and the maxima of ranges: large, and read here and there.
    private static func verifiedHead(_ pages: CheckedFile) throws(StorageError) -> SafetensorsFile {
        try pages.verify(0..<8)
        let head = unsafe pages.bytes.count >= 8 ? pages.bytes.unsafeBytes.loadUnaligned(as: UInt64.self) : 0
        try pages.verify(0..<8 + Int(clamping: UInt64(littleEndian: head) & 0xFFFF_FFFF))
        let file = try SafetensorsFile(bytes: pages.bytes)
        for (name, tensor) in file.tensors
        where !name.hasSuffix(".postings") && !name.hasSuffix(".dense.maxima") && name != StoredVectors.bytesName
            && !FrequentLists.isReadHereAndThere(name)
            && name != StoredPassages.bytesName && name != SafetensorsWriter.checksums
        {
            try pages.verify(tensor.offset..<tensor.offset + tensor.count * tensor.type.size)
        }
        return file
    }

    /// Where its file is.
    public var path: String { file.bytes.path }

    /// Whether there is a learned term in it, so that its scale means something.
    var hasImpacts: Bool { fields[.learned].map { $0.terms > 0 } ?? false }

    /// The row of a document in the segment's texts.
    public func row(_ docid: Int) -> UInt32 { unsafe rows.isEmpty ? UInt32(docid) : rows[docid] }

    /// Compares what a search reads of a term with the checksums, once in the life of the segment.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func verify(term: Int, of reader: FieldReader, reading: ListReading = .whole) throws(IndexError) {
        guard let pages else { return }
        do throws(StorageError) {
            try pages.verify(reader.postingBytes(ofTerm: term), onlyRead: reading != .whole)
            if reading == .windows {
                for part in reader.frequentBytes(ofTerm: term) { try pages.verify(part) }
            } else if let maxima = reader.maximaBytes(ofTerm: term) {
                try pages.verify(maxima)
            }
        } catch { throw located(error) }
    }

    /// The same for the postings of some of a field's blocks.
    func verify(blocks: Range<Int>, of reader: FieldReader) throws(IndexError) {
        guard let pages else { return }
        do throws(StorageError) {
            try pages.verify(reader.postingBytes(ofBlocks: blocks))
        } catch { throw located(error) }
    }

    /// A document's stored vector: numbers of terms, in order, and impacts; nil where none are stored.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func vector(of docid: Int) throws(IndexError) -> [(term: Int, impact: UInt8)]? {
        guard let vectors else { return nil }
        if let pages {
            do throws(StorageError) { try pages.verify(vectors.range(of: docid)) } catch { throw located(error) }
        }
        let terms = fields[.learned]?.terms ?? 0
        guard let vector = vectors.vector(of: docid), vector.last.map({ $0.term < terms }) ?? true else {
            throw .corrupt(path: file.bytes.path, detail: "the stored vector of docid \(docid) is none")
        }
        return vector
    }

    /// The numbers of a document's passages in ``passages``, whose bytes have been compared with their checksums; none for a document
    /// that is one passage.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func verifiedPassages(of docid: Int) throws(IndexError) -> Range<Int> {
        guard let passages else { return 0..<0 }
        let found = passages.passages(of: docid)
        if let pages, !found.isEmpty {
            do throws(StorageError) { try pages.verify(passages.range(of: found)) } catch { throw located(error) }
        }
        return found
    }

    /// Where each passage of a document lies in its text, nil where that is not known; none of a document that is one passage, and nil where
    /// every document of the segment is.
    public func passagePlaces(of docid: Int) -> [Range<Int>?]? {
        passages.map { passages in passages.passages(of: docid).map { passages.place(of: $0) } }
    }

    /// Why a passage cannot be read.
    func noPassage(_ docid: Int) -> IndexError {
        .corrupt(path: file.bytes.path, detail: "a stored passage of docid \(docid) is no vector")
    }

    /// The vector of a passage that was compared with its checksum.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    func passage(_ passage: Int, of docid: Int) throws(IndexError) -> PassageVector? {
        guard let passages else { return nil }
        let terms = fields[.learned]?.terms ?? 0
        guard let vector = passages.vector(of: passage), vector.last.map({ $0.term < terms }) ?? true else {
            throw noPassage(docid)
        }
        return PassageVector(bytes: PassageVector.stored(passages.place(of: passage)), vector: vector)
    }

    /// Where kernels note which pages they read; nil where there are no checksums.
    var pageStates: UnsafeMutablePointer<UInt8>? { unsafe pages?.unsafeStates }

    /// Compares the whole file with its checksums.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` with the place of the first damage.
    func verify() throws(IndexError) {
        guard let pages else { return try verifyPacked() }
        defer { for field in fields.values { field.advisePostings(.random, file) } }
        do throws(StorageError) { try pages.verifyAll() } catch { throw located(error) }
    }

    /// The same for a packed segment: what the disk holds now.
    private func verifyPacked() throws(IndexError) {
        guard entry.isPacked else { return }
        do throws(StorageError) {
            _ = try PackedFile.content(of: file.bytes.path, bytes: entry.bytes, crc32c: entry.crc32c)
        } catch { throw Self.translated(error, file.bytes.path) }
    }

    /// Compares the file of texts with its checksum.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` or ``IndexError/storage(_:)``.
    public func verifyTexts() throws(IndexError) {
        guard let textsPath = self.texts?.path, let texts = entry.texts else { return }
        do throws(StorageError) { try texts.verify(textsPath) } catch { throw Self.translated(error, textsPath) }
    }

    /// Says what lies at the damaged place.
    private func located(_ error: StorageError) -> IndexError {
        guard case .damaged(let path, let bytes) = error else { return .storage(error) }
        let parts = file.tensors.filter { name, tensor in
            (tensor.offset..<tensor.offset + tensor.count * tensor.type.size).overlaps(bytes)
        }
        let names = parts.keys.sorted().joined(separator: ", ")
        return .corrupt(
            path: path,
            detail: "bytes \(bytes.lowerBound) to \(bytes.upperBound - 1) (\(names.isEmpty ? "the head" : names)) "
                + "do not have their checksum")
    }

    /// Tells the kernel that all postings will be read in order, or here and there again.
    func adviseMerge(_ isMerged: Bool) {
        for field in fields.values { field.advisePostings(isMerged ? .sequential : .random, file) }
    }

    /// Lets go of what was read of the file: it is read again when it is needed again, and is no memory of the process until then.
    func releasePages() { file.bytes.advise(.done) }

    /// Docids by external id, descending.
    var documentsByID: UnsafeBufferPointer<UInt32> { unsafe descending }

    /// Bytes of all external ids.
    var idBytesCount: Int { unsafe idBytes.count }

    func idUTF8(_ docid: Int) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe docid == 0 ? 0 : Int(idEnds[docid - 1])
        return unsafe UnsafeBufferPointer(rebasing: idBytes[start..<Int(idEnds[docid])])
    }

    /// Asks the memory for where an id is, and then for the id.
    func fetchIDPlace(_ docid: Int) { unsafe apus_fetch(idEnds.baseAddress.map { unsafe $0 + max(0, docid - 1) }) }

    func fetchID(_ docid: Int) { unsafe apus_fetch(idUTF8(docid).baseAddress) }

    /// The external id of a document.
    func id(_ docid: Int) -> String { unsafe String(decoding: idUTF8(docid), as: UTF8.self) }

    /// The external id of a document.
    public func externalID(_ docid: UInt32) -> String { id(Int(docid)) }

    /// The docid of an external id, by binary search, or nil.
    /// - Parameter live: The documents that may be found; of an id that was deleted and added again at most one is among them.
    func docid(of id: String, among live: DocumentSet? = nil) -> Int? {
        var id = id
        return id.withUTF8 { key in
            var (low, high) = (0, documents)
            while low < high {
                let middle = (low + high) / 2
                if unsafe key.lexicographicallyPrecedes(idUTF8(Int(descending[middle]))) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            while low < documents, unsafe idUTF8(Int(descending[low])).elementsEqual(key) {
                if unsafe live?.contains(descending[low]) ?? true { return unsafe Int(descending[low]) }
                low += 1
            }
            return nil
        }
    }
}
