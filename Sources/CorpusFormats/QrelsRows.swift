import JSONScanning

/// The judgements of a file one at a time, as they stand there and on which line.
///
/// ``next()`` may be called again after an error that is one line's (``FormatError/isOfOneLine``): it goes on behind that line.
public final class QrelsRows {
    /// One judgement.
    public struct Row: Sendable {
        /// The query's id.
        public var query: String
        /// The document's id.
        public var document: String
        /// The grade as it is spelled.
        public var grade: String
        /// The line, from 1.
        public var line: Int

        /// The grade as a whole number; `1.0`, which some exports write, counts as one.
        ///
        /// - Parameters:
        ///   - threshold: Grades of at least this number become 1, others 0; negative ones stay below 0.
        ///   - path: The file, for the error.
        /// - Throws: ``FormatError/badNumber(path:line:what:found:)``, ``FormatError/fractionalGrade(path:line:found:)``.
        public func grade(threshold: Double? = nil, path: String) throws(FormatError) -> Int {
            if threshold == nil, let grade = Int(grade) { return grade }
            // Double(_:) stops at a NUL as C does.
            guard !grade.utf8.contains(0), let number = Double(grade), number.isFinite else {
                throw .badNumber(path: path, line: line, what: "grade", found: grade)
            }
            if let threshold { return number < 0 ? -1 : number >= threshold ? 1 : 0 }
            guard let grade = Int(exactly: number) else {
                throw .fractionalGrade(path: path, line: line, found: grade)
            }
            return grade
        }
    }

    /// The shape, as the first lines tell it.
    public private(set) var format = QrelsFile.Format.trec
    /// Lines so far that are comments or a header.
    public private(set) var comments = 0
    /// Lines so far.
    public var lineCount: Int { lines.number }

    private let lines: LineReader
    private var file: ColumnFile
    private let records: JSONLines?
    private var columns: Int?
    /// Rows of a line that holds several.
    private var pending: [Row] = []

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: A ``FormatError``.
    public init(path: String) throws(FormatError) {
        file = try ColumnFile(path: path)
        lines = file.lines
        let isJSON = try lines.peek(1 << 10).first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "{")
        records = isJSON ? JSONLines(lines) : nil
        if isJSON { format = .json }
    }

    /// The next judgement, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with file and line.
    public func next() throws(FormatError) -> Row? {
        guard let records else { return try column() }
        while pending.isEmpty {
            guard let rows = try object(records) else { return nil }
            pending = rows.reversed()
        }
        return pending.popLast()
    }

    private func column() throws(FormatError) -> Row? {
        while try file.next() {
            if file.firstByte(0) == UInt8(ascii: "#") || columns == nil && file.isHeader {
                // A header says more than the first line of numbers.
                if file.count == 4, file.isHeader, Self.isGrade(file.string(2)) { (format, columns) = (.irDatasets, 4) }
                comments += 1
                continue
            }
            if columns == nil {
                guard file.count == 3 || file.count == 4 else {
                    throw .wrongColumns(
                        path: lines.path, line: lines.number, expected: "4 (TREC) or 3 (BEIR)", found: file.count)
                }
                format = file.count == 3 ? .beir : Self.hasIterationLast(file) ? .irDatasets : .trec
                columns = file.count
            }
            guard file.count == columns else {
                throw .wrongColumns(
                    path: lines.path, line: lines.number,
                    expected: columns == 3
                        ? "3 (query, document, grade)" : "4 (query, iteration, document, grade)",
                    found: file.count)
            }
            let (document, grade) = format == .trec ? (2, 3) : (1, 2)
            return Row(
                query: file.string(0), document: file.string(document), grade: file.string(grade), line: lines.number)
        }
        return nil
    }

    private static func isGrade(_ name: String) -> Bool {
        ["relevance", "rel", "grade", "score", "label"].contains(name.lowercased())
    }

    /// The second column of TREC is an iteration, 0 or Q0; where the fourth is and the second is not, it is the other order.
    private static func hasIterationLast(_ file: ColumnFile) -> Bool {
        let iterations = ["0", "q0"]
        return !iterations.contains(file.string(1).lowercased()) && iterations.contains(file.string(3).lowercased())
            && Int(file.string(2)) != nil && Int(file.string(1)) == nil
    }

    static let queryNames = ["query_id", "qid", "query-id", "topic_id"]
    static let documentNames = ["doc_id", "docid", "corpus-id", "corpus_id", "docno", "pid"]
    static let gradeNames = ["relevance", "rel", "score", "grade", "label"]

    private func object(_ records: JSONLines) throws(FormatError) -> [Row]? {
        var (query, document, grade): (String?, String?, String?) = (nil, nil, nil)
        var answers: [String] = []
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if Self.queryNames.contains(key) {
                query = try scanner.id(bytes, of: key)
            } else if Self.documentNames.contains(key) {
                document = try scanner.id(bytes, of: key)
            } else if Self.gradeNames.contains(key) {
                grade = Self.text(bytes, try scanner.skipValue(bytes))
            } else if key == "answer_pids" {
                answers = Self.list(Self.text(bytes, try scanner.skipValue(bytes)))
            } else {
                try scanner.skipValue(bytes)
            }
        }
        guard found else { return nil }
        let (path, line) = (lines.path, lines.number)
        guard let query else { throw .missingMember(path: path, line: line, names: Self.queryNames) }
        var rows: [Row] = []
        if let document {
            guard let grade else { throw .missingMember(path: path, line: line, names: Self.gradeNames) }
            rows.append(Row(query: query, document: document, grade: grade, line: line))
        } else if answers.isEmpty {
            throw .missingMember(path: path, line: line, names: Self.documentNames + ["answer_pids"])
        }
        return rows + answers.map { Row(query: query, document: $0, grade: "1", line: line) }
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    /// The elements of a JSON array of numbers or plain strings.
    private static func list(_ array: String) -> [String] {
        array.split { "[], \t\"".contains($0) }.map(String.init)
    }
}
