import Glibc

/// A file that appears under its name only when it is whole: written to `<path>.tmp`, synced, then renamed.
///
/// Bytes go through a 1 MiB buffer. When the file is dropped before ``commit()``, the temporary is removed.
public final class AtomicFile {
    /// The final path.
    public let path: String
    /// Bytes written so far.
    public private(set) var count = 0
    /// CRC-32C of the bytes written so far.
    public private(set) var checksum = CRC32C()
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false

    private var temporaryPath: String { path + ".tmp" }

    /// Creates the temporary file.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init(path: String) throws(StorageError) {
        self.path = path
        descriptor = open(path + ".tmp", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .io(path: path + ".tmp", operation: "create", code: errno) }
        buffer.reserveCapacity(1 << 20)
    }

    deinit {
        close(descriptor)
        if !isCommitted { unlink(path + ".tmp") }
    }

    /// Appends bytes.
    /// - Throws: ``StorageError/io(path:operation:code:)``, for example when the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        checksum.update(bytes)
        count += bytes.count
        if bytes.count >= 1 << 20 {
            try flush()
            try writeThrough(bytes)
        } else {
            buffer.append(contentsOf: bytes)
            if buffer.count >= 1 << 20 { try flush() }
        }
    }

    /// Appends an array's memory, little-endian on every machine Apus runs on.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func write<T: BitwiseCopyable>(_ values: [T]) throws(StorageError) {
        let result: Result<Void, StorageError> = values.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try write(bytes)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    /// Appends zero bytes up to the next multiple of `alignment`.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func align(to alignment: Int) throws(StorageError) {
        let padding = (alignment - count % alignment) % alignment
        if padding > 0 { try write([UInt8](repeating: 0, count: padding)) }
    }

    /// Makes the file durable and gives it its name. The directory entry is durable when this returns.
    /// - Throws: ``StorageError/io(path:operation:code:)``; the file that had the name before is then untouched.
    public func commit() throws(StorageError) {
        try flush()
        guard fsync(descriptor) == 0 else { throw .io(path: temporaryPath, operation: "sync", code: errno) }
        guard rename(temporaryPath, path) == 0 else {
            throw .io(path: path, operation: "rename to", code: errno)
        }
        isCommitted = true
        try Directory.sync(Directory.parent(of: path))
    }

    private func flush() throws(StorageError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        let result: Result<Void, StorageError> = pending.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try writeThrough(bytes)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var offset = 0
        while offset < bytes.count {
            guard let start = bytes.baseAddress else { return }
            let written = Glibc.write(descriptor, start + offset, bytes.count - offset)
            if written < 0 {
                if errno == EINTR { continue }
                throw .io(path: path + ".tmp", operation: "write", code: errno)
            }
            offset += written
        }
    }

    /// Writes a whole small file at once.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func write(_ bytes: [UInt8], to path: String) throws(StorageError) {
        let file = try AtomicFile(path: path)
        try file.write(bytes)
        try file.commit()
    }
}
