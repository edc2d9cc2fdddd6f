import CZlib
import Glibc

/// A small file that is written compressed and read as a whole: a header of a kilobyte and tables of small numbers would be most of
/// what a commit of one document writes.
///
///     bytes of the content, UInt64 little-endian | the content as a zlib stream (RFC 1950)
///
/// Whoever names the file keeps the CRC-32C of all of it.
public enum PackedFile {
    /// Bytes of content that are packed at most; reading them takes some milliseconds.
    public static let mostBytes = 512 << 10
    /// Content that a reader unpacks, where another version packs more.
    private static let mostReadable = 64 << 20

    /// The bytes of the file for a content.
    public static func packed(_ content: [UInt8]) -> [UInt8] {
        var size = compressBound(uLong(content.count))
        var stream = [UInt8](repeating: 0, count: Int(size))
        // Safe: both buffers outlive the call, and zlib is told their exact sizes; with this much room it cannot fail.
        let code = unsafe stream.withUnsafeMutableBufferPointer { target in
            unsafe content.withUnsafeBufferPointer { source in
                unsafe compress2(target.baseAddress, &size, source.baseAddress, uLong(source.count), 6)
            }
        }
        precondition(code == Z_OK, "zlib has room for every content")
        return unsafe withUnsafeBytes(of: UInt64(content.count).littleEndian) { unsafe Array($0) }
            + stream[..<Int(size)]
    }

    /// The content of a file.
    /// - Parameters:
    ///   - bytes: Bytes of the file.
    ///   - crc32c: Their checksum.
    /// - Throws: ``StorageError``; ``StorageError/malformed(path:detail:)`` where the file is not what was written.
    public static func content(of path: String, bytes: Int, crc32c: UInt32) throws(StorageError) -> MappedBytes {
        let file = try MappedBytes(path: path)
        guard file.count == bytes else {
            throw .malformed(path: path, detail: "\(file.count) bytes, the commit says \(bytes)")
        }
        guard CRC32C.checksum(of: file) == crc32c else {
            throw .malformed(path: path, detail: "its checksum does not hold")
        }
        guard file.count > 8 else { throw .malformed(path: path, detail: "nothing is packed in its \(bytes) bytes") }
        let count = unsafe UInt64(littleEndian: file.unsafeBytes.loadUnaligned(as: UInt64.self))
        guard count > 0, count <= mostReadable else {
            throw .malformed(path: path, detail: "\(count) bytes cannot be packed in it")
        }
        var size = uLong(count)
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(count), alignment: 64)
        // Safe: the file is mapped during the call, and zlib is told the exact sizes of both buffers.
        let code = unsafe file.withUnsafeBytes { source in
            unsafe uncompress(
                content.bindMemory(to: UInt8.self).baseAddress, &size,
                source.bindMemory(to: UInt8.self).baseAddress.map { unsafe $0 + 8 }, uLong(source.count - 8))
        }
        let owned = unsafe MappedBytes(unsafeOwning: content, name: path)
        guard code == Z_OK, size == uLong(count) else {
            throw .malformed(path: path, detail: "what is packed in it cannot be unpacked, zlib's code is \(code)")
        }
        return owned
    }
}
