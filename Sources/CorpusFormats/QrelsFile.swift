import ByteStrings
public import RetrievalEvaluation

/// Reads relevance judgements.
public enum QrelsFile {
    /// The shape of a qrels file.
    public enum Format: String, Sendable {
        /// Four columns: query, iteration, document, grade.
        case trec
        /// Three columns: query, document, grade, mostly under a header.
        case beir
        /// Four columns: query, document, grade, iteration, as `ir_datasets export --format tsv` writes them.
        case irDatasets
        /// One JSON object on each line: `{"query_id", "doc_id", "relevance"}`, or LoTTE's `{"qid", "answer_pids"}`.
        case json

        /// What a person calls it.
        public var description: String {
            switch self {
            case .trec: "TREC judgements (query, iteration, document, grade)"
            case .beir: "judgements in three columns (query, document, grade)"
            case .irDatasets: "judgements in the columns of ir_datasets (query, document, grade, iteration)"
            case .json: "judgements in JSON lines"
            }
        }
    }

    /// What a qrels file holds, and what was passed over in it.
    public struct Contents: Sendable {
        /// The judgements.
        public var qrels = Qrels()
        /// The shape.
        public var format = Format.trec
        /// Lines that repeat a judgement with the same grade.
        public var repeated = 0
        /// Lines that are comments or a header.
        public var comments = 0
        /// Grades below 0: in the pool, but not judged.
        public var negative = 0
        /// The grades became 1 from this number on, 0 below it.
        public var threshold: Double?
    }

    /// Reads a qrels file; the first line tells its shape. Lines that start with `#` are comments. The same judgement may stand there
    /// twice, but not with two grades.
    ///
    /// - Throws: A ``FormatError`` with file and line; ``FormatError/nothing(path:what:found:)`` when nothing is judged.
    public static func read(_ path: String) throws(FormatError) -> (qrels: Qrels, format: Format) {
        let contents = try contents(path)
        return (contents.qrels, contents.format)
    }

    /// Reads a qrels file and says what was understood.
    ///
    /// - Parameter threshold: Grades of at least this number, whole or not, become 1, others 0; negative ones stay.
    /// - Throws: A ``FormatError`` with file and line; ``FormatError/fractionalGrade(path:line:found:)`` for a fraction without a
    ///   threshold.
    public static func contents(_ path: String, threshold: Double? = nil) throws(FormatError) -> Contents {
        var contents = Contents()
        contents.threshold = threshold
        let rows = try QrelsRows(path: path)
        while let row = try rows.next() { try add(row, path, rows.format, &contents) }
        (contents.format, contents.comments) = (rows.format, rows.comments)
        if contents.qrels.grades.isEmpty {
            let found = rows.lineCount == 0 ? "it is empty" : "it has only a header, comments or empty lines"
            throw .nothing(path: path, what: "judgements", found: found)
        }
        return contents
    }

    private static func add(
        _ row: QrelsRows.Row, _ path: String, _ format: Format, _ contents: inout Contents
    ) throws(FormatError) {
        let (query, document) = (ByteString(row.query), ByteString(row.document))
        let grade = try row.grade(threshold: contents.threshold, path: path)
        if grade < 0 { contents.negative += 1 }
        guard let old = contents.qrels.grades[query, default: [:]].updateValue(grade, forKey: document) else { return }
        contents.repeated += 1
        guard old != grade else { return }
        throw .duplicate(
            path: path, line: row.line,
            what: "a judgement of '\(document)' for query '\(query)' (\(grade) here, \(old) before)", firstPath: path,
            firstLine: try firstLine(path, format, query, document))
    }

    /// Looks for the judgement again: lines are not kept, because good files never need them.
    private static func firstLine(
        _ path: String, _ format: Format, _ query: ByteString, _ document: ByteString
    ) throws(FormatError) -> Int {
        guard path != "-", format != .json else { return 0 }
        var file = try ColumnFile(path: path)
        while try file.next() {
            guard file.count == (format == .beir ? 3 : 4), ByteString(file.string(0)) == query else { continue }
            if ByteString(file.string(format == .trec ? 2 : 1)) == document { return file.lines.number }
        }
        return 0
    }
}
