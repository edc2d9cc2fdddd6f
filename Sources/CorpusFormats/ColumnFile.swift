import Glibc

/// The columns of a file of judgements or results, line by line: white space stands between them, blank lines are passed over.
///
/// Where every column of the first line stands in double quotes, all do, and the quotes are no part of them.
struct ColumnFile {
    let lines: LineReader
    /// Columns of the current line.
    private(set) var count = 0
    /// Where the first of them are in ``bytes``; no format has more.
    private var ranges = InlineArray<8, Range<Int>>(repeating: 0..<0)
    /// The reader's buffer while its current line is looked at: asking the reader for it costs more than a column.
    private var bytes: [UInt8] = []
    private(set) var isQuoted: Bool?

    init(path: String) throws(FormatError) { lines = try LineReader(path: path) }

    /// A part of a file that another one began to read.
    init(path: String, part: Range<Int>, isQuoted: Bool?) throws(FormatError) {
        lines = try LineReader(path: path, part: part)
        self.isQuoted = isQuoted
    }

    /// Steps to the next line that is not blank.
    mutating func next() throws(FormatError) -> Bool {
        bytes = []
        while let line = try lines.next() {
            bytes = lines.buffer
            split(line)
            if count == 0 {
                bytes = []
                continue
            }
            let known = 0..<min(count, ranges.count)
            if isQuoted == nil { isQuoted = known.allSatisfy { hasQuotes(ranges[$0]) } }
            if isQuoted == true {
                for index in known where hasQuotes(ranges[index]) {
                    ranges[index] = ranges[index].lowerBound + 1..<ranges[index].upperBound - 1
                }
            }
            return true
        }
        return false
    }

    func string(_ column: Int) -> String { String(decoding: bytes[ranges[column]], as: UTF8.self) }

    /// Whether a column has these bytes; else they become its own.
    func isSameAsBefore(_ column: Int, _ before: inout [UInt8]) -> Bool {
        let range = ranges[column]
        var isSame = range.count == before.count
        var index = 0
        while isSame, index < before.count {
            isSame = bytes[range.lowerBound + index] == before[index]
            index += 1
        }
        if !isSame { before = Array(bytes[range]) }
        return isSame
    }

    func firstByte(_ column: Int) -> UInt8? { ranges[column].isEmpty ? nil : bytes[ranges[column].lowerBound] }

    /// The column as a finite number, or nil.
    func number(_ column: Int) -> Double? {
        if let plain = plainDecimal(ranges[column]) { return plain }
        let text = string(column)
        // Double(_:) stops at a NUL as C does.
        guard !text.utf8.contains(0), let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Digits with at most one point, few enough that both they and the power of ten are exact doubles: then their quotient is
    /// the double that is nearest (Clinger, "How to read floating point numbers accurately", 1990).
    private func plainDecimal(_ range: Range<Int>) -> Double? {
        var (digits, count, decimals, isNegative, hasPoint) = (0, 0, 0, false, false)
        for index in range {
            let byte = bytes[index]
            switch byte {
            case 0x30...0x39:
                digits = digits &* 10 &+ Int(byte &- 0x30)
                count += 1
                if hasPoint { decimals += 1 }
            case UInt8(ascii: "-") where index == range.lowerBound: isNegative = true
            case UInt8(ascii: ".") where !hasPoint: hasPoint = true
            default: return nil
            }
        }
        guard count > 0, count <= 15, bytes[range.upperBound - 1] != UInt8(ascii: ".") else { return nil }
        let value = Double(digits) / Self.powers[decimals]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = (0...15).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    private mutating func split(_ line: Range<Int>) {
        // Copies, so that a byte costs no more than a comparison.
        var (found, ranges) = (0, ranges)
        unsafe bytes.withUnsafeBufferPointer { bytes in
            // Safe: the line lies in the buffer.
            precondition(line.lowerBound >= 0 && line.upperBound <= bytes.count, "a line of the buffer")
            var from = line.lowerBound
            for index in line {
                guard unsafe bytes[index] == 0x20 || bytes[index] == 0x09 else { continue }
                if from < index {
                    if found < ranges.count { ranges[found] = from..<index }
                    found += 1
                }
                from = index + 1
            }
            if from < line.upperBound {
                if found < ranges.count { ranges[found] = from..<line.upperBound }
                found += 1
            }
        }
        self.ranges = ranges
        count = found
    }

    private func hasQuotes(_ range: Range<Int>) -> Bool {
        range.count >= 2 && bytes[range.lowerBound] == 0x22 && bytes[range.upperBound - 1] == 0x22
    }

    /// Whether a line is a header: its first column is what people call query ids.
    var isHeader: Bool {
        let name = string(0)
        return Self.isQueryID(name.first == "#" && name.lowercased() == "#qid" ? String(name.dropFirst()) : name)
    }

    /// Whether a header's first column may have this name.
    static func isQueryID(_ name: String) -> Bool {
        let name = name.lowercased().replacing("_", with: "-")
        return ["query-id", "qid", "queryid", "query", "topic", "topic-id", "topicid"].contains(name)
    }
}
