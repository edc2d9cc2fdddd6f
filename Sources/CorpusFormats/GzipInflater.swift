import CZlib

/// Decompresses gzip data piece by piece; several members in a row count as one.
///
/// The only user of zlib's inflate. The stream lives at a fixed address from `init` to `deinit`, as zlib demands.
@safe final class GzipInflater {
    private let stream: UnsafeMutablePointer<z_stream>
    private let path: String
    private(set) var isAtMemberEnd = false

    /// - Parameter isRaw: Whether the data have neither head nor checksum, as the members of a zip archive.
    init(path: String, isRaw: Bool = false) throws(FormatError) {
        self.path = path
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 to demand a gzip header.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let code = unsafe inflateInit2_(stream, isRaw ? -15 : 15 + 16, ZLIB_VERSION, size)
        if code != Z_OK { throw .damagedGzip(path: path, detail: "zlib cannot start, code \(code)") }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Inflates from `input` into `output`.
    ///
    /// - Returns: The numbers of bytes taken and made.
    func inflate(
        _ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer
    ) throws(FormatError) -> (taken: Int, made: Int) {
        if isAtMemberEnd {
            guard let next = input.first else { return (0, 0) }
            // Padding with zeros is common behind tar and tape copies; anything else is damage.
            if next == 0 {
                guard input.allSatisfy({ $0 == 0 }) else {
                    throw .damagedGzip(path: path, detail: "bytes behind the end")
                }
                return (input.count, 0)
            }
            unsafe inflateReset(stream)
            isAtMemberEnd = false
        }
        // Safe: both buffers outlive the call, and zlib is told their exact sizes.
        let (code, taken, made) = unsafe input.withUnsafeBytes { source in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: source.bindMemory(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            unsafe stream.pointee.avail_out = UInt32(output.count)
            let code = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
            return unsafe (
                code, source.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out)
            )
        }
        switch code {
        case Z_STREAM_END: isAtMemberEnd = true
        case Z_OK, Z_BUF_ERROR: break
        default:
            let detail = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "zlib code \(code)"
            throw .damagedGzip(path: path, detail: detail)
        }
        return (taken, made)
    }
}
