import Glibc

/// The lines of a file, one at a time, from a buffer that grows only to the longest line.
///
/// A byte order mark at the start, a carriage return at a line's end and a missing newline at the file's end are no
/// part of a line. Every line is checked to be UTF-8; data of another kind (``ForeignData``) are refused by name.
final class LineReader {
    /// The number of the line that ``next()`` returned last, from 1.
    private(set) var number = 0
    /// Holds the current line at the range that ``next()`` returned.
    private(set) var buffer = LineReader.room(LineReader.usualRoom)

    var path: String { source.path }
    var bytesRead: Int { source.bytesRead }
    var totalBytes: Int? { source.totalBytes }

    /// No document is this long, but a file without newlines may be.
    static let limit = 1 << 29
    private static let usualRoom = 1 << 18
    private let source: ByteSource
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    init(path: String) throws(FormatError) {
        source = try ByteSource(path: path)
        while end < ForeignData.prefix, !isAtEnd { try fill() }
        if let foreign = ForeignData(buffer[..<end]) {
            throw .foreign(path: path, found: foreign.name, advice: foreign.advice)
        }
        skipMark()
    }

    /// The lines of bytes that are in memory.
    init(bytes: [UInt8], name: String) { source = ByteSource(bytes: bytes, name: name) }

    /// The lines of bytes that come in pieces.
    init(name: String, pieces: @escaping () throws(FormatError) -> [UInt8]?) {
        source = ByteSource(name: name, pieces: pieces)
    }

    /// The lines of a part of a file, which begins and ends with a line; they are counted from 1.
    init(path: String, part: Range<Int>) throws(FormatError) {
        source = try ByteSource(path: path, part: part)
        while part.lowerBound == 0, end < 3, !isAtEnd { try fill() }
        skipMark()
    }

    private func skipMark() {
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
    }

    /// Whether the lines are those of a file, not of a pipe or of compressed data.
    var isPlainFile: Bool { source.isPlainFile }

    /// The bytes at the start of the data, at most `count`, without consuming them; call it before ``next()``.
    func peek(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
        while end - start < count, !isAtEnd { try fill() }
        return buffer[start..<min(end, start + count)]
    }

    /// Whether the data end and hold nothing but white space; large data are not looked through. Call it before ``next()``.
    var isNothing: Bool { isAtEnd && buffer[start..<end].allSatisfy { $0 == 0x20 || $0 &- 0x09 < 5 } }

    /// Steps to the next line, also when it is empty.
    ///
    /// - Returns: Where the line is in ``buffer``; valid until the next call.
    func next() throws(FormatError) -> Range<Int>? {
        var searched = start
        while true {
            if let newline = first(0x0A, in: searched..<end) {
                let line = start..<newline
                start = newline + 1
                return try checked(line)
            }
            if isAtEnd {
                guard start < end else { return nil }
                let line = start..<end
                start = end
                return try checked(line)
            }
            let kept = end - start
            try fill()
            searched = start + kept
        }
    }

    /// Gives back the memory of a line much longer than others, when nobody needs it any more.
    func forgetLongLine() {
        guard buffer.count > LineReader.usualRoom << 5, end - start < buffer.count >> 2 else { return }
        var smaller = LineReader.room(max(LineReader.usualRoom, (end - start) * 2))
        smaller.replaceSubrange(0..<end - start, with: buffer[start..<end])
        (buffer, start, end) = (smaller, 0, end - start)
    }

    /// The text of a range of ``buffer``, which is known to be UTF-8.
    func string(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }

    /// The ranges between runs of spaces and tabs.
    func columns(_ line: Range<Int>) -> [Range<Int>] {
        var columns: [Range<Int>] = []
        columns.reserveCapacity(6)
        var from = line.lowerBound
        for index in line where buffer[index] == 0x20 || buffer[index] == 0x09 {
            if from < index { columns.append(from..<index) }
            from = index + 1
        }
        if from < line.upperBound { columns.append(from..<line.upperBound) }
        return columns
    }

    /// Whether only white space stands in the line.
    func isBlank(_ line: Range<Int>) -> Bool { line.allSatisfy { buffer[$0] == 0x20 || buffer[$0] == 0x09 } }

    /// The first place of `byte` in a range of ``buffer``.
    func first(_ byte: UInt8, in range: Range<Int>) -> Int? {
        // Safe: the range lies in the buffer, and memchr stays inside it.
        unsafe buffer.withUnsafeBytes { bytes in
            guard !range.isEmpty, let base = bytes.baseAddress,
                let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count)
            else { return nil }
            return unsafe base.distance(to: UnsafeRawPointer(found))
        }
    }

    private func checked(_ line: Range<Int>) throws(FormatError) -> Range<Int> {
        number += 1
        do {
            _ = try UTF8Span(validating: buffer.span.extracting(line))
        } catch {
            throw .invalidUTF8(path: path, line: number)
        }
        let hasReturn = !line.isEmpty && buffer[line.upperBound - 1] == 0x0D
        return hasReturn ? line.lowerBound..<line.upperBound - 1 : line
    }

    /// Reads more behind `end`; moves the kept bytes to the front and grows the buffer when there is no room.
    private func fill() throws(FormatError) {
        if start > 0, buffer.count - end < buffer.count / 2 {
            let (from, kept) = (start, end - start)
            // Safe: both ranges lie in the buffer; memmove allows them to overlap. A copy of a long line would double it.
            unsafe buffer.withUnsafeMutableBytes { bytes in
                if let base = bytes.baseAddress { unsafe _ = memmove(base, base + from, kept) }
            }
            (start, end) = (0, kept)
        }
        if end == buffer.count {
            if buffer.count >= LineReader.limit {
                throw .lineTooLong(path: path, line: number + 1, limit: LineReader.limit)
            }
            var larger = LineReader.room(buffer.count * 2)
            larger.replaceSubrange(0..<end, with: buffer[..<end])
            buffer = larger
        }
        let from = end
        // Safe: only the part of the buffer behind `end` is handed out.
        let result = unsafe buffer.withUnsafeMutableBytes { bytes in
            Result { () throws(FormatError) -> Int in
                try unsafe source.read(into: UnsafeMutableRawBufferPointer(rebasing: bytes[from...]))
            }
        }
        let count = try result.get()
        end += count
        if count == 0 { isAtEnd = true }
    }

    /// Bytes of any value: what no line has reached is never touched, so that it costs no memory.
    private static func room(_ count: Int) -> [UInt8] {
        // Safe: every value of a byte is valid, and bytes behind `end` are written before they are read.
        unsafe [UInt8](unsafeUninitializedCapacity: count) { $1 = count }
    }
}
