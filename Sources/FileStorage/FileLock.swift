import Glibc
import Synchronization

/// An exclusive lock on a file of its own: one writer. The file holds the owner's process id while it is locked, and goes with
/// the lock; what a killed process leaves is not locked and taken over.
public final class FileLock: Sendable {
    private let path: String
    private let descriptor: Int32
    private let isReleased = Atomic(false)

    /// Takes the lock without waiting; returns nil when another process holds it.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init?(path: String) throws(StorageError) {
        self.path = path
        while true {
            let descriptor = retrying { unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644) }
            guard descriptor >= 0 else { throw .io(path: path, operation: "open", code: errno) }
            guard retrying({ flock(descriptor, LOCK_EX | LOCK_NB) }) == 0 else {
                let code = errno
                close(descriptor)
                if code == EWOULDBLOCK { return nil }
                throw .io(path: path, operation: "lock", code: code)
            }
            // The owner before may have removed the file between the two calls: then this one is nobody's.
            var (mine, named) = (stat(), stat())
            if unsafe fstat(descriptor, &mine) == 0, unsafe stat(path, &named) == 0, mine.st_ino == named.st_ino,
                mine.st_dev == named.st_dev
            {
                self.descriptor = descriptor
                break
            }
            close(descriptor)
        }
        // Only for the message of whoever comes second: a full disk does not matter.
        _ = ftruncate(descriptor, 0)
        let owner = Array("\(getpid())\n".utf8)
        _ = unsafe pwrite(descriptor, owner, owner.count, 0)
    }

    deinit { release() }

    /// Gives the lock up, once.
    public func release() {
        guard !isReleased.exchange(true, ordering: .relaxed) else { return }
        unsafe unlink(path)
        close(descriptor)
    }

    /// The process that holds the lock at `path`, as far as it said so.
    public static func owner(of path: String) -> Int? {
        guard let bytes = try? MappedBytes(path: path).copied() else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).prefix { $0.isNumber })
    }
}

/// Calls a system function again as long as a signal interrupts it.
func retrying<Value: SignedInteger>(_ call: () -> Value) -> Value {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}
