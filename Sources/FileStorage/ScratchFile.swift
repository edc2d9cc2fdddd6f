import Glibc

/// Bytes that are collected and then read: in memory while they are few, then in a file without a name, which goes with the
/// process whatever becomes of it.
public final class ScratchFile {
    private let directory: String
    private let most: Int
    private var memory: [UInt8] = []
    private var descriptor: Int32 = -1
    /// Bytes so far.
    public private(set) var count = 0

    /// - Parameters:
    ///   - directory: Where the file is made.
    ///   - most: Bytes that stay in memory.
    public init(directory: String, most: Int) {
        self.directory = directory
        self.most = most
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Appends bytes.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func append(_ bytes: [UInt8]) throws(StorageError) {
        memory.append(contentsOf: bytes)
        count += bytes.count
        if memory.count > most { try spill() }
    }

    /// Hands over everything from the beginning, piece by piece.
    /// - Throws: ``StorageError/io(path:operation:code:)``, and what `body` throws.
    public func read(_ body: ([UInt8]) throws(StorageError) -> Void) throws(StorageError) {
        var offset = 0
        var piece = [UInt8](repeating: 0, count: min(1 << 20, count - memory.count))
        while offset < count - memory.count {
            let found = retrying { unsafe pread(descriptor, &piece, piece.count, off_t(offset)) }
            guard found > 0 else { throw .io(path: directory, operation: "read a scratch file in", code: errno) }
            offset += found
            try body(found == piece.count ? piece : Array(piece[..<found]))
        }
        try body(memory)
    }

    /// Copies bytes from anywhere.
    /// - Parameter bytes: Becomes these bytes.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func read(_ offset: Int, _ count: Int, into bytes: inout [UInt8]) throws(StorageError) {
        precondition(offset >= 0 && count >= 0 && offset + count <= self.count, "within what was appended")
        let inFile = self.count - memory.count
        let wanted = max(0, min(count, inFile - offset))
        if bytes.count != wanted { bytes = [UInt8](repeating: 0, count: wanted) }
        var done = 0
        while done < wanted {
            let found = unsafe bytes[done...].withUnsafeMutableBytes { rest in
                retrying { unsafe pread(descriptor, rest.baseAddress, rest.count, off_t(offset + done)) }
            }
            guard found > 0 else { throw .io(path: directory, operation: "read a scratch file in", code: errno) }
            done += found
        }
        bytes.append(contentsOf: memory[max(0, offset - inFile)..<max(0, offset - inFile) + count - wanted])
    }

    private func spill() throws(StorageError) {
        if descriptor < 0 { descriptor = try Self.create(directory) }
        var offset = 0
        while offset < memory.count {
            let written = unsafe memory[offset...].withUnsafeBytes { rest in
                retrying { unsafe write(descriptor, rest.baseAddress, rest.count) }
            }
            guard written > 0 else {
                throw .io(path: directory, operation: "write a scratch file in", code: written < 0 ? errno : ENOSPC)
            }
            offset += written
        }
        memory.removeAll(keepingCapacity: true)
    }

    private static func create(_ directory: String) throws(StorageError) -> Int32 {
        // O_TMPFILE; not in the overlay of Glibc.
        let unnamed: Int32 = 0o20_000_000 | O_DIRECTORY
        var descriptor = retrying { unsafe open(directory, unnamed | O_RDWR | O_CLOEXEC, 0o600) }
        if descriptor < 0 {
            // File systems without nameless files.
            let path = directory + "/seg-0.safetensors.tmp"
            descriptor = retrying { unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600) }
            unsafe unlink(path)
        }
        guard descriptor >= 0 else { throw .io(path: directory, operation: "create a scratch file in", code: errno) }
        return descriptor
    }
}
