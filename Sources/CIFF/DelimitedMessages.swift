import CorpusFormats

/// The messages of a stream, each with its length as a varint before it, in pieces of whole fields.
///
/// Protocol buffers merge: reading the pieces one after another gives what the whole message gives, and the list of a frequent
/// term, which may be gigabytes, need not be in memory.
final class DelimitedMessages {
    /// The number of the message that is being read, from 1.
    private(set) var number = 0
    /// Where it begins in the uncompressed data.
    private(set) var start = 0

    private let source: ByteSource
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var next = 0
    private var end = 0
    /// Bytes before the buffer.
    private var before = 0
    /// Bytes that are left of the message.
    private var left = 0
    /// Bytes of a piece; a field of more is none.
    private static let pieceBytes = 1 << 16

    init(path: String) throws(CIFFError) {
        do throws(FormatError) { source = try ByteSource(path: path) } catch { throw .file(error) }
    }

    var path: String { source.path }
    var bytesRead: Int { source.bytesRead }
    var totalBytes: Int? { source.totalBytes }
    /// The size of the data; nil where they are compressed or come from a pipe.
    var dataBytes: Int? { source.isPlainFile ? source.totalBytes : nil }

    func malformed(_ detail: String) -> CIFFError {
        .malformed(path: source.path, message: number, byte: start, detail: detail)
    }

    /// Begins the next message; what is left of the one before is none of it.
    /// - Parameter what: What is expected, for an error.
    func begin(_ what: String) throws(CIFFError) {
        number += 1
        start = before + next
        try fill(10)
        guard next < end else { throw malformed("the file ends before it, and \(what) should follow") }
        guard let (length, bytes) = Self.varint(buffer[next..<end]) else {
            throw malformed("its length is no varint")
        }
        guard length <= 1 << 40 else { throw malformed("it would have \(length) bytes") }
        next += bytes
        left = Int(length)
    }

    /// The next whole fields of the message; nil at its end.
    func piece() throws(CIFFError) -> ArraySlice<UInt8>? {
        guard left > 0 else { return nil }
        try fill(min(left, Self.pieceBytes))
        let window = buffer[next..<min(end, next + min(left, Self.pieceBytes))]
        guard !window.isEmpty else { throw malformed("the file ends in the middle of it") }
        let length = try fields(of: window)
        defer {
            next += length
            left -= length
        }
        return buffer[next..<next + length]
    }

    /// - Throws: When something stands behind the last message.
    func finish() throws(CIFFError) {
        (number, start) = (number + 1, before + next)
        try fill(1)
        if next < end { throw malformed("more follows than the header says") }
    }

    /// How many bytes of a window are whole fields.
    private func fields(of window: ArraySlice<UInt8>) throws(CIFFError) -> Int {
        var place = window.startIndex
        while place < window.endIndex {
            guard let (tag, bytes) = Self.varint(window[place...]) else { break }
            var stop = place + bytes
            switch tag & 7 {
            case 0:
                guard let value = Self.varint(window[stop...]) else { break }
                stop += value.bytes
            case 1: stop += 8
            case 2:
                guard let length = Self.varint(window[stop...]) else {
                    stop = .max
                    break
                }
                guard length.value <= UInt64(Self.pieceBytes) else {
                    throw malformed("a field of it would have \(length.value) bytes")
                }
                stop += length.bytes + Int(length.value)
            case 5: stop += 4
            default: throw malformed("it is no protocol buffer")
            }
            guard stop <= window.endIndex, stop > place + bytes else { break }
            place = stop
        }
        guard place > window.startIndex else {
            throw malformed(
                window.count < left && window.count < Self.pieceBytes
                    ? "the file ends in the middle of it" : "it is no protocol buffer")
        }
        return place - window.startIndex
    }

    /// A number and its bytes; nil where it does not end.
    private static func varint(_ bytes: ArraySlice<UInt8>) -> (value: UInt64, bytes: Int)? {
        var (value, shift) = (UInt64(0), UInt64(0))
        for byte in bytes.prefix(10) {
            value |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte < 0x80 { return (value, Int(shift / 7)) }
        }
        return nil
    }

    /// Makes at least `count` bytes ready, or all that there are.
    private func fill(_ count: Int) throws(CIFFError) {
        guard end - next < count else { return }
        if buffer.count - next < count {
            buffer.replaceSubrange(0..<end - next, with: buffer[next..<end])
            before += next
            (next, end) = (0, end - next)
        }
        while end - next < count {
            let from = end
            // Safe: only the part of the buffer behind `from` is handed out.
            let result = unsafe buffer.withUnsafeMutableBytes { bytes in
                Result { () throws(FormatError) -> Int in
                    try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[from...]))
                }
            }
            let made: Int
            do throws(FormatError) { made = try result.get() } catch { throw .file(error) }
            if made == 0 { return }
            end += made
        }
    }
}
