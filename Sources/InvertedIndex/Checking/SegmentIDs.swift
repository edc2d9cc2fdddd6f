import FileStorage

/// The ids and rows of a segment of which other parts are damaged.
struct SegmentIDs {
    private(set) var ids: [String?] = []
    private(set) var rows: [UInt32] = []

    /// nil when their own bytes, or what says where they are, do not have their checksum.
    /// - Throws: ``IndexError`` when the reason lies outside of the file.
    init?(_ entry: SegmentEntry, in directory: String) throws(IndexError) {
        do throws(StorageError) {
            let bytes = try MappedBytes(path: directory + "/" + entry.file)
            guard bytes.count == entry.bytes, bytes.count >= 8 else { return nil }
            let pages = try CheckedFile(bytes, root: entry.crc32c)
            try pages.verify(0..<8)
            let head = unsafe bytes.unsafeBytes.loadUnaligned(as: UInt64.self)
            try pages.verify(0..<8 + Int(clamping: UInt64(littleEndian: head) & 0xFFFF_FFFF))
            let file = try SafetensorsFile(bytes: bytes)
            for name in ["id.bytes", "id.ends", "rows"] {
                guard let tensor = file.tensors[name] else { return nil }
                try pages.verify(tensor.offset..<tensor.offset + tensor.count * tensor.type.size)
            }
            let text = try unsafe file.unsafeTensor("id.bytes", of: UInt8.self, type: .u8)
            let ends = try unsafe file.unsafeTensor("id.ends", of: UInt32.self, type: .u32, shape: [entry.documents])
            rows = try unsafe Array(file.unsafeTensor("rows", of: UInt32.self, type: .u32, shape: [entry.documents]))
            var start = 0
            for docid in ends.indices {
                let end = unsafe Int(ends[docid])
                guard start <= end, end <= text.count else { return nil }
                ids.append(Self.id(unsafe Array(text[start..<end])))
                start = end
            }
        } catch {
            guard IndexFinding(.storage(error)) != nil else { throw .storage(error) }
            return nil
        }
    }

    /// The ids and rows of a segment that could be opened.
    init(_ segment: Segment) {
        for docid in 0..<segment.documents {
            let bytes = unsafe Array(segment.idUTF8(docid))
            ids.append(Self.id(bytes[...]))
            rows.append(segment.row(docid))
        }
    }

    private static func id(_ bytes: some Collection<UInt8>) -> String? {
        guard let id = String(validating: bytes, as: UTF8.self), !id.isEmpty, !id.contains(where: \.isWhitespace) else {
            return nil
        }
        return id
    }
}
