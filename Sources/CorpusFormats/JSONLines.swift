import JSONScanning

/// The JSON objects of a file, one on each line; empty lines are passed over.
///
/// The one place where a ``JSONFault`` becomes a ``FormatError`` with file, line and column.
final class JSONLines {
    let lines: LineReader
    /// The number of objects read.
    private(set) var count = 0
    private var scanner = JSONScanner()

    init(_ lines: LineReader) { self.lines = lines }

    /// Reads the next object; `read` is called with each member's name and must consume its value with the scanner.
    ///
    /// - Returns: False at the end of the file.
    func next(
        _ read: (String, inout JSONScanner, Span<UInt8>) throws(JSONFault) -> Void
    ) throws(FormatError) -> Bool {
        while let line = try lines.next() {
            if lines.isBlank(line) { continue }
            do throws(JSONFault) {
                let buffer = lines.buffer
                let bytes = buffer.span.extracting(line)
                scanner.position = 0
                var more = try scanner.beginObject(bytes)
                while more {
                    try read(try scanner.key(bytes), &scanner, bytes)
                    more = try scanner.nextMember(bytes)
                }
                try scanner.finish(bytes)
            } catch {
                throw described(error, line)
            }
            lines.forgetLongLine()
            count += 1
            return true
        }
        return false
    }

    private func described(_ fault: JSONFault, _ line: Range<Int>) -> FormatError {
        if let member = fault.member {
            if fault.isRepeated {
                return .duplicate(
                    path: lines.path, line: lines.number, what: "the member \"\(member)\"", firstPath: lines.path,
                    firstLine: lines.number)
            }
            return .wrongType(
                path: lines.path, line: lines.number, member: member, expected: fault.expected, found: fault.found)
        }
        // Eight bytes hold a whole character; the line may be huge.
        let start = line.lowerBound + min(fault.position, line.count)
        let rest = lines.string(start..<min(line.upperBound, start + 8)).unicodeScalars
        let found = rest.first.map { $0.value < 0x20 ? "the control character \($0.value)" : "'\($0)'" }
        return .malformedJSON(
            path: lines.path, line: lines.number, column: fault.position + 1, expected: fault.expected,
            found: found ?? "the end of the line")
    }
}
