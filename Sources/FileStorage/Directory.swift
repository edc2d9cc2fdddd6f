import Glibc

/// Directory operations with the durability that commits need.
public enum Directory {
    /// Makes renames and removals inside the directory durable.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func sync(_ path: String) throws(StorageError) {
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw .io(path: path, operation: "open directory", code: errno) }
        defer { close(descriptor) }
        guard retrying({ fsync(descriptor) }) == 0 else {
            throw .io(path: path, operation: "sync directory", code: errno)
        }
    }

    /// Creates the directory and its parents, durably; an existing directory is fine.
    /// - Returns: The directories that were not there before, outermost first.
    /// - Throws: ``StorageError/io(path:operation:code:)``; what was made before it is removed again.
    @discardableResult public static func create(_ path: String) throws(StorageError) -> [String] {
        if try kind(of: path) == .folder { return [] }
        let parent = parent(of: path)
        var made: [String] = []
        if parent != path, try kind(of: parent) != .folder { made = try create(parent) }
        do throws(StorageError) {
            if unsafe mkdir(path, 0o755) == 0 {
                made.append(path)
                try sync(parent)
            } else if errno != EEXIST {
                throw .io(path: path, operation: "create directory", code: errno)
            } else if try kind(of: path) != .folder {
                throw .io(path: path, operation: "create directory", code: ENOTDIR)
            }
        } catch {
            removeEmpty(made)
            throw error
        }
        return made
    }

    /// Removes directories that ``create(_:)`` made, as far as they are empty.
    public static func removeEmpty(_ made: [String]) {
        for path in made.reversed() { unsafe rmdir(path) }
    }

    /// The names inside the directory, sorted, without `.` and `..`.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public static func names(in path: String) throws(StorageError) -> [String] {
        guard let handle = unsafe opendir(path) else {
            throw errno == ENOENT ? .missing(path: path) : .io(path: path, operation: "list", code: errno)
        }
        defer { unsafe closedir(handle) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(handle) else {
                guard errno == 0 else { throw .io(path: path, operation: "list", code: errno) }
                return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// What a path leads to.
    public enum Kind: Sendable { case folder, file, other }

    /// What a path leads to, links followed; nil where there is nothing.
    /// - Throws: ``StorageError/io(path:operation:code:)`` when it cannot be told.
    public static func kind(of path: String) throws(StorageError) -> Kind? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw .io(path: path, operation: "inspect", code: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR: return .folder
        case S_IFREG: return .file
        default: return .other
        }
    }

    /// Whether the path is an existing directory.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The directory that holds `path`.
    public static func parent(of path: String) -> String {
        var path = path[...]
        while path.count > 1, path.last == "/" { path.removeLast() }
        guard let slash = path.lastIndex(of: "/") else { return path == "" ? "/" : "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The last part of a path.
    public static func name(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }

    /// Gives a file a second name, durable when the directory has been synced.
    /// - Returns: Whether it has it; not across file systems, or where there are no hard links.
    public static func link(_ file: String, as name: String) -> Bool { unsafe Glibc.link(file, name) == 0 }

    /// Removes a plain file; a missing file is fine, other failures are left for the next attempt.
    public static func removeFile(_ path: String) {
        var status = stat()
        if unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG { unsafe unlink(path) }
    }

    /// The bytes of a plain file.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public static func fileSize(_ path: String) throws(StorageError) -> Int { Int(try status(of: path).st_size) }

    /// Who may read and write a file, for those that come beside it.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public static func permissions(of path: String) throws(StorageError) -> UInt32 {
        try status(of: path).st_mode & 0o666
    }

    private static func status(of path: String) throws(StorageError) -> stat {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else {
            throw errno == ENOENT ? .missing(path: path) : .io(path: path, operation: "inspect", code: errno)
        }
        return status
    }
}
