import FileStorage

/// Reads little-endian numbers from mapped bytes; a read beyond the end throws instead of trapping.
struct ByteReader {
    let bytes: MappedBytes
    var position: Int
    let end: Int

    init(_ bytes: MappedBytes, in range: Range<Int>? = nil) {
        self.bytes = bytes
        position = range?.lowerBound ?? 0
        end = range?.upperBound ?? bytes.count
    }

    mutating func take(_ count: Int) throws(EncoderError) -> UnsafeRawBufferPointer {
        guard count >= 0, position >= 0, position <= end, count <= end - position else {
            throw .malformed(
                path: bytes.path, detail: "\(count) bytes at \(position) lie beyond byte \(end); truncated?")
        }
        defer { position += count }
        return unsafe UnsafeRawBufferPointer(rebasing: bytes.unsafeBytes[position..<position + count])
    }

    mutating func integer<T: FixedWidthInteger>(_ type: T.Type) throws(EncoderError) -> T {
        unsafe T(littleEndian: try take(MemoryLayout<T>.size).loadUnaligned(as: T.self))
    }

    /// A number of bytes or a place in the file.
    mutating func size<T: FixedWidthInteger>(_ type: T.Type) throws(EncoderError) -> Int {
        let value = try integer(type)
        guard let size = Int(exactly: value) else {
            throw .malformed(path: bytes.path, detail: "the size \(value) at byte \(position) is impossible")
        }
        return size
    }

    mutating func string(_ count: Int) throws(EncoderError) -> String {
        unsafe String(decoding: try take(count), as: UTF8.self)
    }

    /// Up to the next line feed, which is consumed.
    mutating func line() throws(EncoderError) -> String {
        let rest = unsafe bytes.unsafeBytes[min(position, end)..<end]
        guard let index = unsafe rest.firstIndex(of: UInt8(ascii: "\n")) else {
            throw .malformed(path: bytes.path, detail: "a line at byte \(position) has no end; truncated?")
        }
        let text = try string(index - position)
        position += 1
        return text
    }
}
