import Glibc

/// Bytes on their way into a file: without a name where the file system can do that, so that nothing is left behind, whatever happens.
final class Spool {
    /// To append bytes with.
    let file: OutputDescriptor
    /// O_TMPFILE, a macro too complex for the importer.
    private static let nameless = 0o20_000_000 | O_DIRECTORY
    /// Its name, where it needs one.
    private var name: String?

    /// Room for the new content of a file that is there: beside it, or where temporary files go if its folder is closed.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    convenience init(replacing path: String, shownAs shown: String) throws(FormatError) {
        // Safe: getenv's string is copied at once.
        let temporary = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"
        do throws(FormatError) {
            try self.init(in: OutputTarget.folder(of: path), mode: 0o600, shownAs: shown)
        } catch {
            try self.init(in: temporary, mode: 0o600, shownAs: shown)
        }
        if let name {
            unsafe unlink(name)
            self.name = nil
        }
    }

    /// A file to be.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    convenience init(creating path: String, shownAs shown: String) throws(FormatError) {
        // The kernel takes the umask's bits away.
        try self.init(in: OutputTarget.folder(of: path), mode: 0o666, shownAs: shown)
    }

    private init(in folder: String, mode: mode_t, shownAs shown: String) throws(FormatError) {
        // Safe, here and below: Swift passes paths as NUL-terminated strings.
        var number = unsafe open(folder, Spool.nameless | O_RDWR | O_CLOEXEC, mode)
        var tries = 0
        while number < 0 {
            let candidate = folder + "/.apus-" + String(UInt64.random(in: 0 ... .max), radix: 36) + ".tmp"
            number = unsafe open(candidate, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode)
            if number >= 0 {
                name = candidate
            } else {
                tries += 1
                guard errno == EEXIST || errno == EINTR, tries < 100 else {
                    throw .io(path: shown, operation: "create", code: errno)
                }
            }
        }
        file = OutputDescriptor(number: number, path: shown)
    }

    deinit {
        close(file.number)
        if let name { unsafe unlink(name) }
    }

    /// Gives the bytes their name. A file that has got it in the meantime is replaced as one that was there before.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    func publish(as path: String) throws(FormatError) {
        guard fsync(file.number) == 0 || errno == EINVAL || errno == EROFS else {
            throw .io(path: file.path, operation: "write", code: errno)
        }
        if let name {
            guard unsafe rename(name, path) == 0 else { throw .io(path: file.path, operation: "create", code: errno) }
            self.name = nil
            return
        }
        let link = "/proc/self/fd/\(file.number)"
        if unsafe linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 { return }
        let isThere = errno == EEXIST
        // Without /proc there is no name for it: then the file grows in place.
        let number = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | (isThere ? 0 : O_EXCL), 0o666)
        guard number >= 0 else { throw .io(path: file.path, operation: "create", code: errno) }
        defer { close(number) }
        do throws(FormatError) {
            try copy(into: OutputDescriptor(number: number, path: file.path))
        } catch {
            if !isThere { unsafe unlink(path) }
            throw error
        }
    }

    /// Makes the bytes the whole content of a file. Room is set aside first: a full disk leaves the file as it was.
    ///
    /// - Throws: ``FormatError/io(path:operation:code:)``.
    func copy(into target: OutputDescriptor) throws(FormatError) {
        let size = lseek(file.number, 0, SEEK_END)
        let old = lseek(target.number, 0, SEEK_END)
        guard size >= 0, old >= 0 else { throw .io(path: file.path, operation: "write", code: errno) }
        if size > old {
            // Returns its error; what it could not do on this file system is no reason to stop.
            let code = posix_fallocate(target.number, old, size - old)
            if [ENOSPC, EFBIG, EDQUOT].contains(code) {
                ftruncate(target.number, old)
                throw .io(path: file.path, operation: "write", code: code)
            }
        }
        lseek(target.number, 0, SEEK_SET)
        lseek(file.number, 0, SEEK_SET)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            // Safe: the call is told the buffer's size.
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(file.number, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .io(path: file.path, operation: "write", code: errno) }
            if count == 0 { break }
            try target.write(buffer[..<count])
        }
        guard ftruncate(target.number, size) == 0 else {
            throw .io(path: file.path, operation: "write", code: errno)
        }
    }
}
