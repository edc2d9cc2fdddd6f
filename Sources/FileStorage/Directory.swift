import Glibc

/// Directory operations with the durability that commits need.
public enum Directory {
    /// Makes renames and removals inside the directory durable.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func sync(_ path: String) throws(StorageError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .io(path: path, operation: "open directory", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .io(path: path, operation: "sync directory", code: errno) }
    }

    /// Creates the directory and its parents; an existing directory is fine.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public static func create(_ path: String) throws(StorageError) {
        if exists(path) { return }
        let parent = parent(of: path)
        if parent != path, !exists(parent) { try create(parent) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .io(path: path, operation: "create directory", code: errno)
        }
    }

    /// The names inside the directory, sorted, without `.` and `..`.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public static func names(in path: String) throws(StorageError) -> [String] {
        guard let handle = opendir(path) else {
            throw errno == ENOENT ? .missing(path: path) : .io(path: path, operation: "list", code: errno)
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether the path is an existing directory.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The directory that holds `path`.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Removes a file; a missing file is fine, other failures are left for the next attempt.
    public static func removeFile(_ path: String) { unlink(path) }
}
