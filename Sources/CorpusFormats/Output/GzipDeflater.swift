import CZlib

/// Compresses bytes piece by piece into one gzip member.
///
/// The only user of zlib's deflate. The stream lives at a fixed address from `init` to `deinit`, as zlib demands.
@safe package final class GzipDeflater {
    private let stream: UnsafeMutablePointer<z_stream>

    /// - Parameters:
    ///   - path: What messages call the output.
    ///   - level: From 1, the fastest, to 9, the smallest.
    package init(path: String, level: Int32 = 6) throws(FormatError) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        // 15 bits of window, and 16 to get a gzip header.
        let size = unsafe Int32(MemoryLayout<z_stream>.size)
        let code = unsafe deflateInit2_(stream, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        if code != Z_OK { throw .unwritable(path: path, detail: "zlib cannot start, code \(code)") }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Compresses at most 1 GiB; with `isLast` also everything that zlib still holds.
    package func deflate(_ input: ArraySlice<UInt8>, isLast: Bool) -> [UInt8] {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 16)
        // Safe: both buffers outlive the calls, and zlib is told their exact sizes.
        unsafe input.withUnsafeBytes { source in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: source.bindMemory(to: UInt8.self).baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            var made = piece.count
            while made == piece.count {
                made = unsafe piece.withUnsafeMutableBufferPointer { target in
                    unsafe stream.pointee.next_out = target.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(target.count)
                    _ = unsafe CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
                    return unsafe target.count - Int(stream.pointee.avail_out)
                }
                output.append(contentsOf: piece[..<made])
            }
        }
        return output
    }
}
