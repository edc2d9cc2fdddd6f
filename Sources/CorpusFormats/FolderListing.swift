import Glibc

/// The visible files of a folder and of the folders inside it, in the order of their paths' bytes.
///
/// Links to files count as files. Links to folders are not followed, so that no loop is walked, and are counted with what else
/// is no file. Names that start with a dot are hidden: they are neither read nor counted.
struct FolderListing {
    /// Paths inside the folder.
    private(set) var names: [String] = []
    /// What is no file and no folder, by kind.
    private(set) var others: [String: Int] = [:]
    /// Names that are not UTF-8, as well as they can be shown.
    private(set) var unreadable: [String] = []
    /// Folders inside the folder that cannot be listed.
    private(set) var unlistable: [(name: String, error: FormatError)] = []
    private let folder: String
    /// Where folders are that are passed over.
    private let excluded: [(device: dev_t, inode: ino_t)]

    /// Walks through a folder.
    ///
    /// - Parameters:
    ///   - excluded: Folders that are passed over, wherever they are.
    ///   - goesOn: Whether a folder inside that cannot be listed is remembered, and no error.
    /// - Throws: ``FormatError/io(path:operation:code:)`` that names the folder which cannot be listed.
    init(_ folder: String, excluded: [String] = [], goesOn: Bool = false) throws(FormatError) {
        self.folder = folder
        self.excluded = excluded.compactMap { Self.status($0).found.map { ($0.st_dev, $0.st_ino) } }
        var waiting = [""]
        while let inside = waiting.popLast() {
            do throws(FormatError) { try list(inside, &waiting) } catch {
                guard goesOn, !inside.isEmpty else { throw error }
                unlistable.append((inside, error))
            }
        }
        names.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        unreadable.sort()
    }

    /// The size of a file in bytes; 0 when it cannot be told, which opening it will say.
    static func size(_ path: String) -> Int { status(path).found.map { Int($0.st_size) } ?? 0 }

    /// What the system says of a path, links followed, or the number of the error.
    static func status(_ path: String) -> (found: stat?, code: Int32) {
        var status = stat()
        // Safe: both arguments outlive the call.
        return unsafe stat(path, &status) == 0 ? (status, 0) : (nil, errno)
    }

    /// Whether a path is a file, links followed.
    static func isFile(_ path: String) -> Bool { status(path).found.map { $0.st_mode & S_IFMT == S_IFREG } ?? false }

    private mutating func list(_ inside: String, _ waiting: inout [String]) throws(FormatError) {
        let path = inside.isEmpty ? folder : folder + "/" + inside
        // Safe: the handle is closed once, below.
        guard let handle = unsafe opendir(path) else { throw .io(path: path, operation: "list", code: errno) }
        defer { unsafe closedir(handle) }
        while true {
            errno = 0
            // Safe: the entry is read before the next call.
            guard let entry = unsafe readdir(handle) else {
                if errno != 0 { throw .io(path: path, operation: "list", code: errno) }
                return
            }
            let type = unsafe Int32(entry.pointee.d_type)
            // Safe: the system ends each name with a NUL inside the entry.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { field in
                unsafe field.withMemoryRebound(to: UInt8.self, capacity: 256) { start in
                    unsafe [UInt8](
                        UnsafeBufferPointer(start: start, count: strlen(UnsafePointer<CChar>(OpaquePointer(start)))))
                }
            }
            if name.first == UInt8(ascii: ".") { continue }
            let prefix = inside.isEmpty ? "" : inside + "/"
            guard let valid = String(validating: name, as: UTF8.self) else {
                unreadable.append(prefix + String(decoding: name, as: UTF8.self))
                continue
            }
            add(prefix + valid, type, &waiting)
        }
    }

    private mutating func add(_ name: String, _ type: Int32, _ waiting: inout [String]) {
        switch type {
        case Int32(DT_REG): names.append(name)
        case Int32(DT_DIR): enter(name, &waiting)
        default:
            let path = folder + "/" + name
            var own = stat()
            // Safe: both arguments outlive the call.
            let isLink = unsafe lstat(path, &own) == 0 && own.st_mode & S_IFMT == S_IFLNK
            switch Self.status(path).found.map({ $0.st_mode & S_IFMT }) {
            // A link to nowhere stays a name: opening it says what is wrong.
            case nil, S_IFREG: names.append(name)
            case S_IFDIR where !isLink: enter(name, &waiting)
            case S_IFDIR: others["linked folder", default: 0] += 1
            default: others["pipe, socket or device", default: 0] += 1
            }
        }
    }

    private func enter(_ name: String, _ waiting: inout [String]) {
        if !excluded.isEmpty, let status = Self.status(folder + "/" + name).found,
            excluded.contains(where: { $0.device == status.st_dev && $0.inode == status.st_ino })
        {
            return
        }
        waiting.append(name)
    }
}
