import Glibc

/// The bytes of one file of a folder, unpacked, and what tells whether they changed.
struct FileContent {
    let path: String
    /// The path inside the folder.
    let name: String
    let bytes: [UInt8]
    let stamp: FileStamp

    /// Reads a file.
    ///
    /// - Throws: ``FileFault/noFile``, ``FileFault/tooLarge(limit:)``, ``FileFault/unreadable(_:)``.
    init(path: String, name: String, limit: Int) throws(FileFault) {
        if path == "-" {
            bytes = try Self.bytes(path, limit: limit, expected: 0)
            (self.path, self.name, stamp) = (path, name, FileStamp(stat(), bytes))
            return
        }
        let (status, code) = FolderListing.status(path)
        guard let status else { throw .unreadable(.io(path: path, operation: "open", code: code)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .noFile }
        guard Int(status.st_size) <= limit else { throw .tooLarge(limit: limit) }
        bytes = try Self.bytes(path, limit: limit, expected: Int(status.st_size))
        self.path = path
        self.name = name
        stamp = FileStamp(status, bytes)
    }

    private static func bytes(_ path: String, limit: Int, expected: Int) throws(FileFault) -> [UInt8] {
        do throws(FormatError) {
            let source = try ByteSource(path: path)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(expected)
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                // Safe: the bytes are written inside the buffer, and as many are taken as there were written.
                let result = unsafe buffer.withUnsafeMutableBytes { room in
                    Result { () throws(FormatError) -> Int in try unsafe source.read(into: room) }
                }
                let count = try result.get()
                if count == 0 { return bytes }
                guard bytes.count + count <= limit else { break }
                bytes.append(contentsOf: buffer[..<count])
            }
        } catch {
            throw .unreadable(error)
        }
        throw .tooLarge(limit: limit)
    }
}
