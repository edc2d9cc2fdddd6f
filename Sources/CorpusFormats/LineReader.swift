import Glibc

/// The lines of a file, one at a time, from a buffer that grows only to the longest line.
///
/// A byte order mark at the start, a carriage return at a line's end and a missing newline at the file's end are no
/// part of a line. Every line is checked to be UTF-8.
final class LineReader {
    /// The number of the line that ``next()`` returned last, from 1.
    private(set) var number = 0
    /// Holds the current line at the range that ``next()`` returned.
    private(set) var buffer = [UInt8](repeating: 0, count: 1 << 18)

    var path: String { source.path }
    var bytesRead: Int { source.bytesRead }
    var totalBytes: Int? { source.totalBytes }

    /// No document is this long, but a file without newlines may be.
    static let limit = 1 << 29
    private let source: ByteSource
    private var start = 0
    private var end = 0
    private var isAtEnd = false

    init(path: String) throws(FormatError) {
        source = try ByteSource(path: path)
        while end < 3, !isAtEnd { try fill() }
        if end >= 3, buffer[0] == 0xEF, buffer[1] == 0xBB, buffer[2] == 0xBF { start = 3 }
    }

    /// The bytes at the start of the data, at most `count`, without consuming them; call it before ``next()``.
    func peek(_ count: Int) throws(FormatError) -> ArraySlice<UInt8> {
        while end - start < count, !isAtEnd { try fill() }
        return buffer[start..<min(end, start + count)]
    }

    /// Steps to the next line, also when it is empty.
    ///
    /// - Returns: Where the line is in ``buffer``; valid until the next call.
    func next() throws(FormatError) -> Range<Int>? {
        var searched = start
        while true {
            if let newline = newline(in: searched..<end) {
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

    private func newline(in range: Range<Int>) -> Int? {
        // Safe: the range lies in the buffer, and memchr stays inside it.
        unsafe buffer.withUnsafeBytes { bytes in
            guard !range.isEmpty, let base = bytes.baseAddress,
                let found = unsafe memchr(base + range.lowerBound, 0x0A, range.count)
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
            buffer.replaceSubrange(0..<(end - start), with: Array(buffer[start..<end]))
            end -= start
            start = 0
        }
        if end == buffer.count {
            if buffer.count >= LineReader.limit {
                throw .lineTooLong(path: path, line: number + 1, limit: LineReader.limit)
            }
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
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
}
