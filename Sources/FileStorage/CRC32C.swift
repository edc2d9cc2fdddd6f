import CApusKernels
import Glibc

/// The checksum of segments and commits: CRC-32C (Castagnoli), as in iSCSI (RFC 3720, appendix B.4).
public struct CRC32C: Sendable {
    /// The checksum of all bytes seen so far.
    public private(set) var value: UInt32 = 0

    /// The checksum of no bytes.
    public init() {}

    /// Continues the checksum over more bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // Safe: the kernel reads exactly `count` bytes of a live buffer; an empty one may have no address.
        guard let start = bytes.baseAddress else { return }
        value = unsafe apus_crc32c(value, start, bytes.count)
    }

    /// The checksum of `bytes`.
    public static func checksum(of bytes: [UInt8]) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum(of: $0) }
    }

    /// The checksum of `bytes`.
    public static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
        var crc = CRC32C()
        unsafe crc.update(bytes)
        return crc.value
    }

    /// The checksum of a file and its size, read piece by piece: mapping it would count as memory.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public static func checksum(ofFile path: String) throws(StorageError) -> (bytes: Int, crc32c: UInt32) {
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(path: path) : .io(path: path, operation: "open", code: errno)
        }
        defer { close(descriptor) }
        var crc = CRC32C()
        var bytes = 0
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = retrying { unsafe read(descriptor, &piece, piece.count) }
            guard count >= 0 else { throw .io(path: path, operation: "read", code: errno) }
            if count == 0 { return (bytes, crc.value) }
            unsafe piece.withUnsafeBytes { unsafe crc.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            bytes += count
        }
    }

    /// The checksum of mapped bytes.
    public static func checksum(of bytes: MappedBytes) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum(of: $0) }
    }
}
