import Glibc

/// A small file that is held while it is in use: whoever wants to remove it can ask first.
public final class SharedFile: Sendable {
    /// What it holds.
    public let bytes: [UInt8]
    private let descriptor: Int32

    /// Reads a file and holds it; nil when it is not there, or is being removed.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init?(path: String) throws(StorageError) {
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw .io(path: path, operation: "open", code: errno)
        }
        // A file system without locks (ENOLCK, ENOTSUP) is read without.
        let isTaken = retrying { flock(descriptor, LOCK_SH | LOCK_NB) } != 0 && errno == EWOULDBLOCK
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .io(path: path, operation: "inspect", code: code)
        }
        if isTaken || status.st_nlink == 0 {
            close(descriptor)
            return nil
        }
        do throws(StorageError) { bytes = try Self.read(descriptor, path) } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    private static func read(_ descriptor: Int32, _ path: String) throws(StorageError) -> [UInt8] {
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = retrying { unsafe Glibc.read(descriptor, &part, part.count) }
            guard count >= 0 else { throw .io(path: path, operation: "read", code: errno) }
            if count == 0 { return bytes }
            bytes += part[..<count]
        }
    }

    /// Removes a file unless somebody holds it.
    /// - Returns: Whether it is gone; what cannot be removed is left for the next attempt.
    public static func remove(_ path: String) -> Bool {
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else { return errno == ENOENT }
        defer { close(descriptor) }
        if retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0, errno == EWOULDBLOCK { return false }
        return unsafe unlink(path) == 0 || errno == ENOENT
    }
}
