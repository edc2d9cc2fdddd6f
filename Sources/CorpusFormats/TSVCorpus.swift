/// Documents as MS MARCO writes them: id, tab, text. Everything behind the first tab up to the next is the text.
final class TSVCorpus: DocumentSource {
    private let lines: LineReader

    init(_ lines: LineReader) { self.lines = lines }

    var path: String { lines.path }
    var bytesRead: Int { lines.bytesRead }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let (id, text, line) = try TSVCorpus.pair(lines, "document id") else { return nil }
        return CorpusDocument(id: id, text: text, line: line)
    }

    /// The next line as id and text; empty lines are passed over.
    static func pair(_ lines: LineReader, _ what: String) throws(FormatError) -> (id: String, text: String, line: Int)?
    {
        while let line = try lines.next() {
            if lines.isBlank(line) { continue }
            let tab = lines.first(0x09, in: line)
            guard let tab, lines.first(0x09, in: tab + 1..<line.upperBound) == nil else {
                throw .wrongColumns(
                    path: lines.path, line: lines.number, expected: "2 (id, tab, text)",
                    found: line.count(where: { lines.buffer[$0] == 0x09 }) + 1)
            }
            let id = lines.string(line.lowerBound..<tab)
            let text = lines.string(tab + 1..<line.upperBound)
            lines.forgetLongLine()
            return (try ExternalID.checked(id, what, path: lines.path, line: lines.number), text, lines.number)
        }
        return nil
    }
}
