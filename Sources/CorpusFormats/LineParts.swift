import Glibc

/// Parts of a file that begin and end with lines.
enum LineParts {
    /// The bytes of a regular file; nil for anything else, which is not opened: what is read of a pipe is gone.
    static func bytes(of path: String) -> Int? {
        var status = stat()
        // Safe: both arguments outlive the call.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Cuts a file behind those line feeds that come first after equal shares of its bytes.
    /// - Returns: Ranges of bytes, one after another; nil where the file cannot be read.
    static func cut(_ path: String, bytes: Int, into parts: Int) -> [Range<Int>]? {
        // Safe: Swift passes the path as a NUL-terminated string that outlives the call.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var borders = [0]
        for part in 1..<max(2, parts) {
            guard let border = behindLineFeed(descriptor, max(bytes / parts * part, borders[borders.count - 1])) else {
                return nil
            }
            borders.append(border)
        }
        borders.append(bytes)
        return zip(borders, borders.dropFirst()).map { $0..<$1 }
    }

    private static func behindLineFeed(_ descriptor: Int32, _ start: Int) -> Int? {
        var room = [UInt8](repeating: 0, count: 1 << 16)
        var offset = start
        while true {
            let found = unsafe pread(descriptor, &room, room.count, off_t(offset))
            guard found > 0 else { return found == 0 ? offset : nil }
            if let place = room[..<found].firstIndex(of: 0x0A) { return offset + place + 1 }
            offset += found
        }
    }
}
