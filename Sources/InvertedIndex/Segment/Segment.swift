import FileStorage

/// A mapped, immutable segment.
public final class Segment: Sendable {
    /// What the commit says of it.
    public let entry: SegmentEntry
    let file: SafetensorsFile
    let fields: [Field: FieldReader]
    nonisolated(unsafe) let lengths: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) private let idBytes: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) private let idEnds: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let descending: UnsafeBufferPointer<UInt32>

    /// Documents of the segment.
    public var documents: Int { entry.documents }

    init(directory: String, entry: SegmentEntry) throws(IndexError) {
        self.entry = entry
        let path = directory + "/" + entry.file
        do throws(StorageError) {
            let bytes = try MappedBytes(path: path)
            guard bytes.count == entry.bytes else {
                throw .malformed(path: path, detail: "\(bytes.count) bytes, the commit says \(entry.bytes)")
            }
            file = try SafetensorsFile(bytes: bytes)
            lengths = try file.unsafeTensor("text.lengths", of: UInt8.self, type: .u8, shape: [entry.documents])
            idBytes = try file.unsafeTensor("id.bytes", of: UInt8.self, type: .u8)
            idEnds = try file.unsafeTensor("id.ends", of: UInt32.self, type: .u32, shape: [entry.documents])
            descending = try file.unsafeTensor("id.descending", of: UInt32.self, type: .u32, shape: [entry.documents])
            var fields: [Field: FieldReader] = [:]
            for field in Field.allCases where file.tensors[field.rawValue + ".postings"] != nil {
                fields[field] = try FieldReader(field, file, documents: entry.documents)
            }
            self.fields = fields
            var last: UInt32 = 0
            for end in idEnds {
                guard end > last else { throw .malformed(path: path, detail: "external ids that do not ascend") }
                last = end
            }
            guard (0...entry.documents).contains(entry.documentsWithText), (0...1 << 48).contains(entry.words) else {
                throw .malformed(path: path, detail: "impossible numbers of words or documents")
            }
            guard Int(last) == idBytes.count, descending.allSatisfy({ Int($0) < entry.documents }) else {
                throw .malformed(path: path, detail: "external ids outside the file")
            }
        } catch {
            throw .storage(error)
        }
    }

    /// Tells the kernel that everything will be read once from front to back, as a merge or a checksum does.
    func readAhead() { file.bytes.advise(.sequential) }

    func idUTF8(_ docid: Int) -> UnsafeBufferPointer<UInt8> {
        let start = docid == 0 ? 0 : Int(idEnds[docid - 1])
        return UnsafeBufferPointer(rebasing: idBytes[start..<Int(idEnds[docid])])
    }

    /// The external id of a document.
    func id(_ docid: Int) -> String { String(decoding: idUTF8(docid), as: UTF8.self) }

    /// The docid of an external id, by binary search, or nil.
    func docid(of id: String) -> Int? {
        var id = id
        return id.withUTF8 { key in
            var (low, high) = (0, documents)
            while low < high {
                let middle = (low + high) / 2
                if key.lexicographicallyPrecedes(idUTF8(Int(descending[middle]))) {
                    low = middle + 1
                } else {
                    high = middle
                }
            }
            guard low < documents, idUTF8(Int(descending[low])).elementsEqual(key) else { return nil }
            return Int(descending[low])
        }
    }

    /// Reads the whole file and compares its checksum.
    func verifyChecksum() throws(IndexError) {
        readAhead()
        defer { for field in fields.values { field.advisePostings(.random, file) } }
        let found = CRC32C.checksum(of: file.bytes)
        guard found == entry.crc32c else {
            throw .corrupt(
                path: file.bytes.path,
                detail: "its checksum is \(String(found, radix: 16)), not \(String(entry.crc32c, radix: 16))")
        }
    }
}
