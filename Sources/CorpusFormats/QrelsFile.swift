import ByteStrings
public import RetrievalEvaluation

/// Reads relevance judgements.
public enum QrelsFile {
    /// The shape of a qrels file.
    public enum Format: String, Sendable {
        /// Four columns: query, iteration, document, grade.
        case trec
        /// Three columns: query, document, grade, under a header.
        case beir
    }

    /// Reads a qrels file of either shape; the number of columns in its first line tells which. Lines that start with `#` are
    /// comments. The same judgement may stand there twice, but not with two grades.
    ///
    /// - Throws: A ``FormatError`` with file and line; ``FormatError/nothing(path:what:found:)`` when nothing is judged.
    public static func read(_ path: String) throws(FormatError) -> (qrels: Qrels, format: Format) {
        let lines = try LineReader(path: path)
        var qrels = Qrels()
        var format: Format?
        while let line = try lines.next() {
            if lines.isBlank(line) || lines.buffer[line.lowerBound] == UInt8(ascii: "#") { continue }
            let columns = lines.columns(line)
            if format == nil {
                guard columns.count == 3 || columns.count == 4 else {
                    throw .wrongColumns(
                        path: path, line: lines.number, expected: "4 (TREC) or 3 (BEIR)", found: columns.count)
                }
                format = columns.count == 3 ? .beir : .trec
                if columns.count == 3, isHeader(lines.string(columns[0])) { continue }
            }
            let isBEIR = format == .beir
            guard columns.count == (isBEIR ? 3 : 4) else {
                throw .wrongColumns(
                    path: path, line: lines.number,
                    expected: isBEIR ? "3 (query, document, grade)" : "4 (query, iteration, document, grade)",
                    found: columns.count)
            }
            let query = ByteString(lines.string(columns[0]))
            let document = ByteString(lines.string(columns[isBEIR ? 1 : 2]))
            let grade = try grade(lines.string(columns[isBEIR ? 2 : 3]), path: path, line: lines.number)
            if let old = qrels.grades[query, default: [:]].updateValue(grade, forKey: document), old != grade {
                throw .duplicate(
                    path: path, line: lines.number,
                    what: "a judgement of '\(document)' for query '\(query)' (\(grade) here, \(old) before)",
                    firstPath: path, firstLine: try firstLine(path, format ?? .trec, query, document))
            }
        }
        if qrels.grades.isEmpty {
            let found = lines.number == 0 ? "it is empty" : "it has only a header, comments or empty lines"
            throw .nothing(path: path, what: "judgements", found: found)
        }
        return (qrels, format ?? .trec)
    }

    private static func isHeader(_ column: String) -> Bool {
        ["query-id", "query_id", "qid", "queryid"].contains(column.lowercased())
    }

    /// A whole number; `1.0`, which some exports write, counts as one.
    private static func grade(_ text: String, path: String, line: Int) throws(FormatError) -> Int {
        if let grade = Int(text) { return grade }
        // Double(_:) stops at a NUL as C does.
        if !text.utf8.contains(0), let number = Double(text), let grade = Int(exactly: number) { return grade }
        throw .badNumber(path: path, line: line, what: "grade", found: text)
    }

    /// Looks for the judgement again: lines are not kept, because good files never need them.
    private static func firstLine(
        _ path: String, _ format: Format, _ query: ByteString, _ document: ByteString
    ) throws(FormatError) -> Int {
        guard path != "-" else { return 0 }
        let lines = try LineReader(path: path)
        while let line = try lines.next() {
            let columns = lines.columns(line)
            guard columns.count == (format == .beir ? 3 : 4), ByteString(lines.string(columns[0])) == query else {
                continue
            }
            if ByteString(lines.string(columns[format == .beir ? 1 : 2])) == document { return lines.number }
        }
        return 0
    }
}
