import Glibc

/// The columns of a file of judgements or results, line by line: white space stands between them, blank lines are passed over.
///
/// Where every column of the first line stands in double quotes, all do, and the quotes are no part of them.
struct ColumnFile {
    let lines: LineReader
    /// Where the columns of the current line are in the reader's buffer.
    private(set) var columns: [Range<Int>] = []
    private var isQuoted: Bool?

    init(path: String) throws(FormatError) { lines = try LineReader(path: path) }

    var count: Int { columns.count }

    /// Steps to the next line that is not blank.
    mutating func next() throws(FormatError) -> Bool {
        while let line = try lines.next() {
            split(line)
            if columns.isEmpty { continue }
            if isQuoted == nil { isQuoted = columns.allSatisfy(hasQuotes) }
            if isQuoted == true {
                for index in columns.indices where hasQuotes(columns[index]) {
                    columns[index] = columns[index].lowerBound + 1..<columns[index].upperBound - 1
                }
            }
            return true
        }
        return false
    }

    func string(_ column: Int) -> String { lines.string(columns[column]) }

    /// Whether a column has these bytes; else they become its own.
    func isSameAsBefore(_ column: Int, _ bytes: inout [UInt8]) -> Bool {
        let buffer = lines.buffer
        let range = columns[column]
        var isSame = range.count == bytes.count
        var index = 0
        while isSame, index < bytes.count {
            isSame = buffer[range.lowerBound + index] == bytes[index]
            index += 1
        }
        if !isSame { bytes = Array(buffer[range]) }
        return isSame
    }

    func firstByte(_ column: Int) -> UInt8? { columns[column].isEmpty ? nil : lines.buffer[columns[column].lowerBound] }

    /// The column as a finite number, or nil.
    func number(_ column: Int) -> Double? {
        let range = columns[column]
        if let plain = plainDecimal(range) { return plain }
        let text = lines.string(range)
        // Double(_:) stops at a NUL as C does.
        guard !text.utf8.contains(0), let number = Double(text), number.isFinite else { return nil }
        return number
    }

    /// Digits with at most one point, few enough that both they and the power of ten are exact doubles: then their quotient is
    /// the double that is nearest (Clinger, "How to read floating point numbers accurately", 1990).
    private func plainDecimal(_ range: Range<Int>) -> Double? {
        var (digits, count, decimals, isNegative, hasPoint) = (0, 0, 0, false, false)
        let buffer = lines.buffer
        for index in range {
            let byte = buffer[index]
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
        guard count > 0, count <= 15, buffer[range.upperBound - 1] != UInt8(ascii: ".") else { return nil }
        let value = Double(digits) / Self.powers[decimals]
        return isNegative ? -value : value
    }

    private static let powers: [Double] = (0...15).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    private mutating func split(_ line: Range<Int>) {
        columns.removeAll(keepingCapacity: true)
        // Held for this line only: the reader fills its buffer in place.
        let buffer = lines.buffer
        var from = line.lowerBound
        for index in line {
            let byte = buffer[index]
            guard byte == 0x20 || byte == 0x09 else { continue }
            if from < index { columns.append(from..<index) }
            from = index + 1
        }
        if from < line.upperBound { columns.append(from..<line.upperBound) }
    }

    private func hasQuotes(_ range: Range<Int>) -> Bool {
        range.count >= 2 && lines.buffer[range.lowerBound] == 0x22 && lines.buffer[range.upperBound - 1] == 0x22
    }

    /// Whether a line is a header: its first column is what people call query ids.
    var isHeader: Bool {
        let name = string(0).lowercased().replacing("_", with: "-")
        return ["query-id", "qid", "queryid", "query", "topic", "topic-id", "topicid", "#qid"].contains(name)
    }
}
