import Glibc

/// The bytes of a file or of standard input (`-`), decompressed when they start like gzip or zstd, whatever the name says.
package final class ByteSource {
    package let path: String
    /// Bytes taken from the file so far, before decompression.
    package private(set) var bytesRead = 0
    /// The size of the file, before decompression; nil for a pipe.
    package let totalBytes: Int?

    private let descriptor: Int32
    private var gzip: GzipInflater?
    private var zstd: ZstdInflater?
    /// Bytes read from the file; those in `taken..<filled` are not yet handed out or inflated.
    private var pending = [UInt8](repeating: 0, count: 1 << 18)
    private var taken = 0
    private var filled = 0
    private var isAtEnd = false
    /// What is left of the part of the file that is wanted; nil for all of it.
    private var left: Int?
    /// Where pieces come from that are in memory one after another; nil for a file.
    private var refill: (() throws(FormatError) -> [UInt8]?)?

    /// A part of a file, as it is.
    init(path: String, part: Range<Int>) throws(FormatError) {
        self.path = path
        // Safe: Swift passes the path as a NUL-terminated string that outlives the call.
        descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        totalBytes = part.count
        left = part.count
        if descriptor < 0 { throw .io(path: path, operation: "open", code: errno) }
        if lseek(descriptor, off_t(part.lowerBound), SEEK_SET) < 0 {
            throw .io(path: path, operation: "read", code: errno)
        }
    }

    /// Bytes that are in memory already, as they are.
    /// - Parameter name: What messages call them.
    init(bytes: [UInt8], name: String) {
        path = name
        descriptor = -1
        totalBytes = bytes.count
        pending = bytes
        filled = bytes.count
        isAtEnd = true
    }

    /// Bytes that come in pieces, as they are.
    /// - Parameter pieces: The next one; nil at the end.
    init(name: String, pieces: @escaping () throws(FormatError) -> [UInt8]?) {
        path = name
        descriptor = -1
        totalBytes = nil
        pending = []
        refill = pieces
    }

    /// Whether the bytes are handed out as they stand in a file.
    package var isPlainFile: Bool { totalBytes != nil && path != "-" && gzip == nil && zstd == nil }

    package init(path: String) throws(FormatError) {
        self.path = path
        // Safe: Swift passes the path as a NUL-terminated string that outlives the call.
        descriptor = path == "-" ? 0 : unsafe open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            totalBytes = nil
            if errno == ENOENT { throw .missing(path: path) }
            throw .io(path: path, operation: "open", code: errno)
        }
        var status = stat()
        // Safe: both arguments outlive the call.
        let known = unsafe fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        totalBytes = known ? Int(status.st_size) : nil
        while filled < 4, !isAtEnd { try fill() }
        if filled >= 2, pending[0] == 0x1F, pending[1] == 0x8B {
            gzip = try GzipInflater(path: path)
        } else if ZstdInflater.begins(pending[..<filled]) {
            zstd = try ZstdInflater(path: path)
        }
    }

    deinit {
        if descriptor > 0 { close(descriptor) }
    }

    /// Fills `buffer` from its start.
    ///
    /// - Returns: The number of bytes written; 0 only at the end of the data.
    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(FormatError) -> Int {
        while true {
            if taken == filled, !isAtEnd {
                (taken, filled) = (0, 0)
                try fill()
            }
            let step: (taken: Int, made: Int)
            if let gzip {
                step = try unsafe gzip.inflate(pending[taken..<filled], into: buffer)
            } else if let zstd {
                step = try unsafe zstd.inflate(pending[taken..<filled], into: buffer)
            } else {
                let count = min(buffer.count, filled - taken)
                let end = taken + count
                unsafe buffer.copyBytes(from: pending[taken..<end])
                taken = end
                return count
            }
            taken += step.taken
            if step.made > 0 { return step.made }
            if taken == filled, isAtEnd {
                if zstd.map({ !$0.isAtFrameEnd }) ?? false { throw .truncatedZstd(path: path) }
                if gzip.map({ !$0.isAtMemberEnd }) ?? false { throw .truncatedGzip(path: path) }
                return 0
            }
        }
    }

    private func fill() throws(FormatError) {
        if let refill {
            var piece = try refill()
            while let empty = piece, empty.isEmpty { piece = try refill() }
            pending = piece ?? []
            filled = pending.count
            bytesRead += filled
            isAtEnd = piece == nil
            return
        }
        let from = filled
        let most = min(pending.count - from, left ?? .max)
        // Safe: only the part of the buffer behind `from` is handed out. A signal that has a handler ends the read (EINTR)
        // and is passed on as an error, so that Ctrl-C works while a pipe is silent.
        let got = unsafe pending.withUnsafeMutableBytes { bytes in
            unsafe Glibc.read(descriptor, bytes.baseAddress?.advanced(by: from), most)
        }
        if got < 0 { throw .io(path: path, operation: "read", code: errno) }
        if got == 0 { isAtEnd = true }
        filled += got
        left = left.map { $0 - got }
        bytesRead += got
    }
}
