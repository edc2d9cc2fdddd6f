import Glibc

/// A file that appears under its name only when it is whole: written to `<path>.tmp`, synced, then renamed.
///
/// Bytes go through a 1 MiB buffer. When the file is dropped before ``commit()``, the temporary is removed.
public final class AtomicFile {
    /// The final path.
    public let path: String
    /// Bytes written so far.
    public private(set) var count = 0
    /// The checksums of the pages written so far, where they were asked for.
    private(set) var pages: PageChecksums?
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false

    private var temporaryPath: String { path + ".tmp" }

    /// Creates the temporary file.
    /// - Parameters:
    ///   - permissions: Who may read it, whatever the umask; nil leaves that to the umask.
    ///   - checksums: Whether the checksums of its pages are kept.
    ///   - reserving: Whole pages at its beginning that are filled in later, see ``fill(_:)``.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init(
        path: String, permissions: UInt32? = nil, checksums: Bool = false, reserving: Int = 0
    ) throws(StorageError) {
        self.path = path
        pages = checksums ? PageChecksums() : nil
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW
        descriptor = retrying { unsafe open(path + ".tmp", flags, 0o644) }
        guard descriptor >= 0 else { throw .io(path: path + ".tmp", operation: "create", code: errno) }
        if let permissions { fchmod(descriptor, permissions) }
        buffer.reserveCapacity(1 << 20)
        if reserving > 0 { try write([UInt8](repeating: 0, count: reserving)) }
    }

    /// Writes the first bytes, which were reserved.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func fill(_ head: [UInt8]) throws(StorageError) {
        pages?.replace(head)
        if buffer.count == count {
            buffer.replaceSubrange(0..<head.count, with: head)
            return
        }
        var offset = 0
        while offset < head.count {
            let written = unsafe head[offset...].withUnsafeBytes { rest in
                retrying { unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset)) }
            }
            guard written > 0 else {
                throw .io(path: temporaryPath, operation: "write", code: written < 0 ? errno : ENOSPC)
            }
            offset += written
        }
    }

    /// Everything that was written, as long as none of it has left the buffer.
    var buffered: [UInt8]? { buffer.count == count ? buffer : nil }

    /// Takes other bytes in the place of everything that was written, none of which has left the buffer.
    func replace(with bytes: [UInt8]) {
        precondition(buffer.count == count, "nothing has left the buffer")
        pages = nil
        buffer = bytes
        count = bytes.count
    }

    deinit {
        close(descriptor)
        if !isCommitted { unsafe unlink(path + ".tmp") }
    }

    /// Appends bytes.
    /// - Throws: ``StorageError/io(path:operation:code:)``, for example when the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        unsafe pages?.update(bytes)
        count += bytes.count
        if bytes.count >= 1 << 20 {
            try flush()
            try unsafe writeThrough(bytes)
        } else {
            unsafe buffer.append(contentsOf: bytes)
            if buffer.count >= 1 << 20 { try flush() }
        }
    }

    /// Appends an array's memory, little-endian on every machine Apus runs on.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func write<T: BitwiseCopyable>(_ values: [T]) throws(StorageError) {
        let result: Result<Void, StorageError> = unsafe values.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try unsafe write(bytes)
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

    /// Makes the file durable and gives it its name. The name is durable when this returns.
    /// - Throws: ``StorageError/io(path:operation:code:)``; the file that had the name before is then untouched, but where the
    ///   operation is "sync directory".
    public func commit() throws(StorageError) {
        try rename()
        try Directory.sync(Directory.parent(of: path))
    }

    /// Makes the bytes durable and gives the file its name, which is durable only when the directory has been synced.
    /// - Parameter other: Another name than the one it was begun with, in the same directory.
    /// - Throws: ``StorageError/io(path:operation:code:)``; the file that had the name before is then untouched.
    public func rename(as other: String? = nil) throws(StorageError) {
        let path = other ?? path
        try flush()
        guard retrying({ fsync(descriptor) }) == 0 else {
            throw .io(path: temporaryPath, operation: "sync", code: errno)
        }
        guard unsafe Glibc.rename(temporaryPath, path) == 0 else {
            throw .io(path: path, operation: "rename to", code: errno)
        }
        isCommitted = true
    }

    /// Takes a file that a library wrote at `<path>.tmp`: makes it durable and gives it its name, as above.
    /// - Returns: Its bytes and their CRC-32C.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func adopt(_ path: String, permissions: UInt32? = nil) throws(StorageError) -> (
        bytes: Int, crc32c: UInt32
    ) {
        let temporary = path + ".tmp"
        let descriptor = retrying { unsafe open(temporary, O_RDWR | O_CLOEXEC | O_NOFOLLOW) }
        guard descriptor >= 0 else { throw .io(path: temporary, operation: "open", code: errno) }
        defer { close(descriptor) }
        if let permissions { fchmod(descriptor, permissions) }
        guard retrying({ fsync(descriptor) }) == 0 else { throw .io(path: temporary, operation: "sync", code: errno) }
        let written = try CRC32C.checksum(ofFile: temporary)
        guard unsafe Glibc.rename(temporary, path) == 0 else {
            throw .io(path: path, operation: "rename to", code: errno)
        }
        return written
    }

    /// Copies a file; the name of the copy waits for the directory to be synced.
    /// - Throws: ``StorageError``.
    public static func copy(_ source: String, to path: String, permissions: UInt32? = nil) throws(StorageError) {
        let bytes = try MappedBytes(path: source)
        bytes.advise(.sequential)
        let file = try AtomicFile(path: path, permissions: permissions)
        for start in stride(from: 0, to: bytes.count, by: 8 << 20) {
            try unsafe file.write(
                UnsafeRawBufferPointer(rebasing: bytes.unsafeBytes[start..<min(start + (8 << 20), bytes.count)]))
        }
        try file.rename()
    }

    private func flush() throws(StorageError) {
        let pending = buffer
        buffer.removeAll(keepingCapacity: true)
        let result: Result<Void, StorageError> = unsafe pending.withUnsafeBytes { bytes in
            do throws(StorageError) {
                try unsafe writeThrough(bytes)
                return .success(())
            } catch { return .failure(error) }
        }
        try result.get()
    }

    private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
        var offset = 0
        while offset < bytes.count {
            guard let start = bytes.baseAddress else { return }
            let written = retrying { unsafe Glibc.write(descriptor, start + offset, bytes.count - offset) }
            guard written > 0 else {
                throw .io(path: temporaryPath, operation: "write", code: written < 0 ? errno : ENOSPC)
            }
            offset += written
        }
    }

    /// Writes a whole small file at once.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func write(_ bytes: [UInt8], to path: String, permissions: UInt32? = nil) throws(StorageError) {
        let file = try AtomicFile(path: path, permissions: permissions)
        try file.write(bytes)
        try file.commit()
    }
}
