import Glibc

/// Where the name that a person gave leads to.
enum OutputTarget {
    /// A descriptor that this process was started with: `-`, `/dev/stdout`, `/dev/fd/3`.
    case inherited(Int32)
    /// A device, a pipe or a socket.
    case special
    /// A file that is there.
    case existing(path: String)
    /// Nothing yet; `path` is behind all links.
    case new(path: String)

    /// - Throws: ``FormatError/io(path:operation:code:)`` for a folder, and for what cannot be looked at.
    init(_ path: String) throws(FormatError) {
        if path == "-" {
            self = .inherited(STDOUT_FILENO)
            return
        }
        let end = OutputTarget.follow(path)
        if let number = OutputTarget.descriptor(end) {
            // Those that were opened here close on exec; what was handed to this process did not.
            let flags = fcntl(number, F_GETFD)
            guard flags >= 0, flags & FD_CLOEXEC == 0 else { throw .io(path: path, operation: "write to", code: EBADF) }
            self = .inherited(number)
            return
        }
        var status = stat()
        // Safe: both arguments outlive the call.
        if unsafe stat(path, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFDIR: throw .io(path: path, operation: "write to", code: EISDIR)
            case S_IFREG: self = .existing(path: end)
            default: self = .special
            }
        } else {
            let code = errno
            guard code == ENOENT, !path.isEmpty else { throw .io(path: path, operation: "create", code: code) }
            guard path.utf8.last != UInt8(ascii: "/") else { throw .io(path: path, operation: "create", code: EISDIR) }
            self = .new(path: end)
        }
    }

    /// The folder that holds a path.
    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Goes from link to link; stops at what is none, and at the names of descriptors.
    private static func follow(_ path: String) -> String {
        var path = path
        // The kernel's own limit; `stat` has the word on rings.
        for _ in 0..<40 where descriptor(path) == nil {
            var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
            // Safe: the call is told the buffer's size.
            let count = unsafe buffer.withUnsafeMutableBytes { bytes -> Int in
                guard let start = unsafe bytes.bindMemory(to: CChar.self).baseAddress else { return 0 }
                return unsafe readlink(path, start, bytes.count)
            }
            guard count > 0 else { return path }
            let next = String(decoding: buffer[..<count], as: UTF8.self)
            path = next.utf8.first == UInt8(ascii: "/") ? next : folder(of: path) + "/" + next
        }
        return path
    }

    /// The number behind the name of a descriptor.
    private static func descriptor(_ path: String) -> Int32? {
        switch path {
        case "/dev/stdin": return STDIN_FILENO
        case "/dev/stdout": return STDOUT_FILENO
        case "/dev/stderr": return STDERR_FILENO
        default:
            for folder in ["/dev/fd/", "/proc/self/fd/", "/proc/\(getpid())/fd/"] where path.hasPrefix(folder) {
                return Int32(path.dropFirst(folder.count))
            }
            return nil
        }
    }
}
