import Glibc

/// An advisory lock on a file: one writer per index. Released when dropped, or by the kernel when the process ends.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock without waiting; returns nil when another process holds it.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init?(path: String) throws(StorageError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .io(path: path, operation: "open", code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            if code == EWOULDBLOCK { return nil }
            throw .io(path: path, operation: "lock", code: code)
        }
    }

    deinit { close(descriptor) }
}
