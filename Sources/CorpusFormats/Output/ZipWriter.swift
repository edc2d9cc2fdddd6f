import CZlib

/// Writes a zip archive whose members are stored as they are, of any size and without going back: sizes and checksums stand behind
/// the members, and in the directory at the end, with 64 bits.
package struct ZipWriter {
    private struct Member {
        var name: [UInt8]
        var offset: UInt64
        var size: UInt64 = 0
        var checksum: UInt = 0
    }

    private let write: ([UInt8]) throws -> Void
    private var members: [Member] = []
    private var offset: UInt64 = 0

    /// - Parameter write: Takes the bytes of the archive one after another.
    package init(_ write: @escaping ([UInt8]) throws -> Void) { self.write = write }

    /// Begins a member.
    /// - Throws: What `write` throws.
    package mutating func begin(_ name: String) throws {
        members.append(Member(name: Array(name.utf8), offset: offset))
        let head =
            Self.bytes(0x0403_4B50, 4) + Self.bytes(45, 2) + Self.bytes(8, 2) + Self.bytes(0, 2) + Self.date
            + Self.bytes(0, 4) + Self.bytes(.max, 4) + Self.bytes(.max, 4) + Self.bytes(UInt64(name.utf8.count), 2)
            + Self.bytes(20, 2) + Array(name.utf8) + Self.bytes(1, 2) + Self.bytes(16, 2) + Self.bytes(0, 8)
            + Self.bytes(0, 8)
        try put(head)
    }

    /// Appends to the member.
    /// - Throws: What `write` throws.
    package mutating func append(_ bytes: [UInt8]) throws {
        let last = members.count - 1
        members[last].size += UInt64(bytes.count)
        for start in stride(from: 0, to: bytes.count, by: 1 << 30) {
            let piece = bytes[start..<min(bytes.count, start + 1 << 30)]
            // Safe: zlib is told the exact size of the slice, which outlives the call.
            members[last].checksum = unsafe piece.withUnsafeBufferPointer {
                unsafe crc32(members[last].checksum, $0.baseAddress, UInt32($0.count))
            }
        }
        try put(bytes)
    }

    /// Ends the member.
    /// - Throws: What `write` throws.
    package mutating func end() throws {
        guard let member = members.last else { return }
        try put(
            Self.bytes(0x0807_4B50, 4) + Self.bytes(UInt64(member.checksum), 4) + Self.bytes(member.size, 8)
                + Self.bytes(member.size, 8))
    }

    /// Writes the directory.
    /// - Throws: What `write` throws.
    package mutating func finish() throws {
        let start = offset
        for member in members {
            try put(
                Self.bytes(0x0201_4B50, 4) + Self.bytes(45, 2) + Self.bytes(45, 2) + Self.bytes(8, 2)
                    + Self.bytes(0, 2) + Self.date + Self.bytes(UInt64(member.checksum), 4) + Self.bytes(.max, 4)
                    + Self.bytes(.max, 4) + Self.bytes(UInt64(member.name.count), 2) + Self.bytes(28, 2)
                    + Self.bytes(0, 2) + Self.bytes(0, 2) + Self.bytes(0, 2) + Self.bytes(0, 4) + Self.bytes(.max, 4)
                    + member.name + Self.bytes(1, 2) + Self.bytes(24, 2) + Self.bytes(member.size, 8)
                    + Self.bytes(member.size, 8) + Self.bytes(member.offset, 8))
        }
        let (end, count) = (offset, UInt64(members.count))
        try put(
            Self.bytes(0x0606_4B50, 4) + Self.bytes(44, 8) + Self.bytes(45, 2) + Self.bytes(45, 2) + Self.bytes(0, 4)
                + Self.bytes(0, 4) + Self.bytes(count, 8) + Self.bytes(count, 8) + Self.bytes(end - start, 8)
                + Self.bytes(start, 8))
        try put(
            Self.bytes(0x0706_4B50, 4) + Self.bytes(0, 4) + Self.bytes(end, 8) + Self.bytes(1, 4)
                + Self.bytes(0x0605_4B50, 4) + Self.bytes(0, 2) + Self.bytes(0, 2) + Self.bytes(count, 2)
                + Self.bytes(count, 2) + Self.bytes(.max, 4) + Self.bytes(.max, 4) + Self.bytes(0, 2))
    }

    private mutating func put(_ bytes: [UInt8]) throws {
        try write(bytes)
        offset += UInt64(bytes.count)
    }

    /// Midnight of the first of January 1980: the same content is the same archive.
    private static let date: [UInt8] = [0, 0, 0x21, 0]

    private static func bytes(_ number: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
    }
}
