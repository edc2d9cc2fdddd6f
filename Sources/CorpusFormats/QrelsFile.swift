import ByteStrings
import JSONScanning
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
        var file = try ColumnFile(path: path)
        if try file.lines.peek(1 << 10).first(where: { $0 > 0x20 && $0 < 0x80 }) == UInt8(ascii: "{") {
            try readJSON(file.lines, into: &contents)
        } else {
            try readColumns(&file, into: &contents)
        }
        if contents.qrels.grades.isEmpty {
            let found = file.lines.number == 0 ? "it is empty" : "it has only a header, comments or empty lines"
            throw .nothing(path: path, what: "judgements", found: found)
        }
        return contents
    }

    private static func readColumns(_ file: inout ColumnFile, into contents: inout Contents) throws(FormatError) {
        var layout: (format: Format, columns: Int)?
        while try file.next() {
            if file.firstByte(0) == UInt8(ascii: "#") || layout == nil && file.isHeader {
                // A header says more than the first line of numbers.
                if file.count == 4, file.isHeader, isGrade(file.string(2)) { layout = (.irDatasets, 4) }
                contents.comments += 1
                continue
            }
            if layout == nil {
                guard file.count == 3 || file.count == 4 else {
                    throw .wrongColumns(
                        path: file.lines.path, line: file.lines.number, expected: "4 (TREC) or 3 (BEIR)",
                        found: file.count)
                }
                layout = (file.count == 3 ? .beir : hasIterationLast(file) ? .irDatasets : .trec, file.count)
            }
            guard let (format, columns) = layout, file.count == columns else {
                throw .wrongColumns(
                    path: file.lines.path, line: file.lines.number,
                    expected: layout?.columns == 3
                        ? "3 (query, document, grade)" : "4 (query, iteration, document, grade)",
                    found: file.count)
            }
            contents.format = format
            let (document, grade) = format == .trec ? (2, 3) : (1, 2)
            try add(
                ByteString(file.string(0)), ByteString(file.string(document)), file.string(grade), file.lines, &contents
            )
        }
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

    private static func add(
        _ query: ByteString, _ document: ByteString, _ text: String, _ lines: LineReader, _ contents: inout Contents
    ) throws(FormatError) {
        let grade = try grade(text, contents.threshold, path: lines.path, line: lines.number)
        if grade < 0 { contents.negative += 1 }
        guard let old = contents.qrels.grades[query, default: [:]].updateValue(grade, forKey: document) else { return }
        contents.repeated += 1
        guard old != grade else { return }
        throw .duplicate(
            path: lines.path, line: lines.number,
            what: "a judgement of '\(document)' for query '\(query)' (\(grade) here, \(old) before)",
            firstPath: lines.path,
            firstLine: try firstLine(lines.path, contents.format, query, document))
    }

    /// A whole number; `1.0`, which some exports write, counts as one.
    private static func grade(
        _ text: String, _ threshold: Double?, path: String, line: Int
    ) throws(FormatError) -> Int {
        if threshold == nil, let grade = Int(text) { return grade }
        // Double(_:) stops at a NUL as C does.
        guard !text.utf8.contains(0), let number = Double(text), number.isFinite else {
            throw .badNumber(path: path, line: line, what: "grade", found: text)
        }
        if let threshold { return number < 0 ? -1 : number >= threshold ? 1 : 0 }
        guard let grade = Int(exactly: number) else { throw .fractionalGrade(path: path, line: line, found: text) }
        return grade
    }

    private static let queryNames = ["query_id", "qid", "query-id", "topic_id"]
    private static let documentNames = ["doc_id", "docid", "corpus-id", "corpus_id", "docno", "pid"]
    private static let gradeNames = ["relevance", "rel", "score", "grade", "label"]

    private static func readJSON(_ lines: LineReader, into contents: inout Contents) throws(FormatError) {
        contents.format = .json
        let records = JSONLines(lines)
        while true {
            var (query, document, grade): (String?, String?, String?) = (nil, nil, nil)
            var answers: [String] = []
            let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
                if queryNames.contains(key) {
                    query = try scanner.id(bytes, of: key)
                } else if documentNames.contains(key) {
                    document = try scanner.id(bytes, of: key)
                } else if gradeNames.contains(key) {
                    grade = text(bytes, try scanner.skipValue(bytes))
                } else if key == "answer_pids" {
                    answers = list(text(bytes, try scanner.skipValue(bytes)))
                } else {
                    try scanner.skipValue(bytes)
                }
            }
            guard found else { return }
            guard let query else { throw .missingMember(path: lines.path, line: lines.number, names: queryNames) }
            if let document {
                guard let grade else { throw .missingMember(path: lines.path, line: lines.number, names: gradeNames) }
                try add(ByteString(query), ByteString(document), grade, lines, &contents)
            } else if answers.isEmpty {
                throw .missingMember(path: lines.path, line: lines.number, names: documentNames + ["answer_pids"])
            }
            for answer in answers { try add(ByteString(query), ByteString(answer), "1", lines, &contents) }
        }
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        String(decoding: range.map { bytes[$0] }, as: UTF8.self)
    }

    /// The elements of a JSON array of numbers or plain strings.
    private static func list(_ array: String) -> [String] {
        array.split { "[], \t\"".contains($0) }.map(String.init)
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
