import FileStorage

/// The members of a zip archive that are stored uncompressed, as PyTorch writes them; each stays where it is in the mapping.
///
/// Layout: [APPNOTE.TXT](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT), sections 4.3.7, 4.3.12, 4.3.14–16.
struct StoredZip {
    /// The bytes of each member, by its name.
    let members: [String: Range<Int>]

    /// - Throws: ``EncoderError/malformed(path:detail:)``.
    init(_ bytes: MappedBytes) throws(EncoderError) {
        var (count, offset) = try Self.directory(bytes)
        var members: [String: Range<Int>] = [:]
        while count > 0 {
            var entry = ByteReader(bytes)
            entry.position = offset
            guard try entry.integer(UInt32.self) == 0x0201_4B50 else {
                throw .malformed(path: bytes.path, detail: "the zip directory breaks off at byte \(offset)")
            }
            entry.position = offset + 10
            let method = try entry.integer(UInt16.self)
            entry.position = offset + 20
            var stored = try entry.size(UInt32.self)
            let size = try entry.size(UInt32.self)
            let nameLength = try entry.size(UInt16.self)
            let extraLength = try entry.size(UInt16.self)
            let commentLength = try entry.size(UInt16.self)
            entry.position = offset + 42
            var start = try entry.size(UInt32.self)
            let name = try entry.string(nameLength)
            // Zip64: 64-bit values replace the fields that are all ones, in this order: size, stored size, offset.
            let extraEnd = entry.position + extraLength
            while entry.position + 4 <= extraEnd {
                let kind = try entry.integer(UInt16.self)
                let length = try entry.size(UInt16.self)
                let next = entry.position + length
                if kind == 1 {
                    if size == 0xFFFF_FFFF { _ = try entry.size(UInt64.self) }
                    if stored == 0xFFFF_FFFF { stored = try entry.size(UInt64.self) }
                    if start == 0xFFFF_FFFF { start = try entry.size(UInt64.self) }
                }
                entry.position = next
            }
            guard method == 0 else {
                throw .malformed(
                    path: bytes.path, detail: "its member '\(name)' is compressed, PyTorch stores members plain")
            }
            members[name] = try Self.data(of: name, at: start, size: stored, bytes)
            offset = extraEnd + commentLength
            count -= 1
        }
        self.members = members
    }

    /// The number of members and the first byte of the directory.
    private static func directory(_ bytes: MappedBytes) throws(EncoderError) -> (count: Int, offset: Int) {
        let last = bytes.count - 22
        for position in stride(from: last, through: max(0, last - 65_535), by: -1) where last >= 0 {
            var end = ByteReader(bytes)
            end.position = position
            guard try end.integer(UInt32.self) == 0x0605_4B50 else { continue }
            end.position = position + 10
            var count = try end.size(UInt16.self)
            end.position = position + 16
            var offset = try end.size(UInt32.self)
            var locator = ByteReader(bytes)
            locator.position = position - 20
            if position >= 20, try locator.integer(UInt32.self) == 0x0706_4B50 {
                locator.position = position - 12
                var zip64 = ByteReader(bytes)
                zip64.position = try locator.size(UInt64.self)
                guard try zip64.integer(UInt32.self) == 0x0606_4B50 else { continue }
                _ = try unsafe zip64.take(28)
                count = try zip64.size(UInt64.self)
                _ = try unsafe zip64.take(8)
                offset = try zip64.size(UInt64.self)
            }
            return (count, offset)
        }
        throw .malformed(
            path: bytes.path,
            detail: "it is not a whole zip archive (truncated, or saved by PyTorch before 1.6: save it again)")
    }

    /// The local header has its own name and extra field, which may differ in length from the directory's.
    private static func data(of name: String, at start: Int, size: Int, _ bytes: MappedBytes) throws(EncoderError)
        -> Range<Int>
    {
        var local = ByteReader(bytes)
        local.position = start
        guard try local.integer(UInt32.self) == 0x0403_4B50 else {
            throw .malformed(path: bytes.path, detail: "its member '\(name)' has no header at byte \(start)")
        }
        _ = try unsafe local.take(22)
        let names = try local.size(UInt16.self) + local.size(UInt16.self)
        _ = try unsafe local.take(names)
        let first = local.position
        _ = try unsafe local.take(size)
        return first..<local.position
    }
}
