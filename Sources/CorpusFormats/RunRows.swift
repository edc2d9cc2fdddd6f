/// The results of a run file one at a time, as they stand there: any number is a score, ranks are told, nothing is put in order.
///
/// ``next()`` may be called again after an error that is one line's (``FormatError/isOfOneLine``): it goes on behind that line.
public struct RunRows {
    /// One result.
    public struct Row: Sendable {
        /// The query's id.
        public var query: String
        /// The document's id.
        public var document: String
        /// The rank as a number, where the file has the column beside a score.
        public var rank: Double?
        /// The score; may be infinite or no number. Of MS MARCO's runs the rank's negative.
        public var score: Double
        /// The name of the system, where the file has it.
        public var tag: String?
        /// The line, from 1.
        public var line: Int
    }

    /// The shape, once the first result is read.
    public private(set) var format: RunFile.Format?
    /// Lines so far that are comments or a header.
    public private(set) var comments = 0
    /// Lines so far.
    public var lineCount: Int { file.lines.number }

    private var file: ColumnFile
    private var layout: RunFile.Layout?

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: A ``FormatError``.
    public init(path: String) throws(FormatError) { file = try ColumnFile(path: path) }

    /// The next result, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with file and line.
    public mutating func next() throws(FormatError) -> Row? {
        while try file.next() {
            if RunFile.isRemark(file, layout) {
                comments += 1
                continue
            }
            if layout == nil {
                layout = try RunFile.Layout(file)
                format = layout?.format
            }
            guard let layout else { return nil }
            let names = layout.format.names
            guard file.count == names.count else {
                throw .wrongColumns(
                    path: file.lines.path, line: file.lines.number,
                    expected: "\(names.count) (\(names.joined(separator: ", ")))", found: file.count)
            }
            guard let score = number(layout.score) else {
                throw .badNumber(
                    path: file.lines.path, line: file.lines.number, what: layout.format == .marco ? "rank" : "score",
                    found: file.string(layout.score))
            }
            return Row(
                query: file.string(0), document: file.string(layout.document), rank: layout.rank.flatMap(number),
                score: layout.format == .marco ? -score : score, tag: layout.tag.map(file.string),
                line: file.lines.number)
        }
        return nil
    }

    /// Any number, `nan` and `inf` too.
    private func number(_ column: Int) -> Double? {
        if let number = file.number(column) { return number }
        let text = file.string(column)
        return text.utf8.contains(0) ? nil : Double(text)
    }
}
