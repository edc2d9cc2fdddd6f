import CZstd

/// Decompresses zstd data piece by piece; several frames in a row count as one.
///
/// libzstd is looked for at run time, so that Apus builds and starts where there is none.
@safe final class ZstdInflater {
    private let stream: OpaquePointer
    private let path: String
    /// Whether all that was begun is whole.
    private(set) var isAtFrameEnd = false

    /// The first bytes of zstd data: a frame, or one of those that hold no data.
    static func begins(_ start: ArraySlice<UInt8>) -> Bool {
        guard start.count >= 4 else { return false }
        let bytes = Array(start.prefix(4))
        return bytes == [0x28, 0xB5, 0x2F, 0xFD] || bytes[0] & 0xF0 == 0x50 && bytes[1...] == [0x2A, 0x4D, 0x18]
    }

    /// - Throws: ``FormatError/noZstd(path:)`` where there is no libzstd.
    init(path: String) throws(FormatError) {
        self.path = path
        guard apus_zstd_is_there() != 0 else { throw .noZstd(path: path) }
        guard let stream = unsafe apus_zstd_new() else {
            throw .damagedZstd(path: path, detail: "libzstd cannot start")
        }
        unsafe self.stream = stream
    }

    deinit { unsafe apus_zstd_free(stream) }

    /// Inflates from `input` into `output`.
    ///
    /// - Returns: The numbers of bytes taken and made.
    func inflate(
        _ input: ArraySlice<UInt8>, into output: UnsafeMutableRawBufferPointer
    ) throws(FormatError) -> (taken: Int, made: Int) {
        // Another call at the end of a frame would begin the next one.
        if isAtFrameEnd, input.isEmpty { return (0, 0) }
        var (taken, made) = (0, 0)
        var fault: UnsafePointer<CChar>?
        // Safe: both buffers outlive the call, and the library is told their exact sizes.
        let code = unsafe input.withUnsafeBytes { source in
            unsafe apus_zstd_step(
                stream, source.baseAddress, source.count, &taken, output.baseAddress, output.count, &made, &fault)
        }
        guard code >= 0 else {
            throw .damagedZstd(path: path, detail: unsafe fault.map { unsafe String(cString: $0) } ?? "no reason given")
        }
        isAtFrameEnd = code == 0
        return (taken, made)
    }
}
