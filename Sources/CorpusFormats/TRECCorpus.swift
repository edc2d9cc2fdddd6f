import Foundation

/// Documents in TREC markup: `<DOC>`, `<DOCNO>`, a headline and `<TEXT>`, tags in any capitals.
///
/// The text is what stands in `<TEXT>` (and `<LEADPARA>`, `<LP>`); where a document has none of these, everything but the ids
/// and the headline.
final class TRECCorpus: DocumentSource {
    private static let titles = ["HEADLINE", "TITLE", "HL", "HEAD", "TTL", "TI"]
    private static let texts = ["LEADPARA", "LP", "TEXT"]
    private static let ids = ["DOCNO", "DOCID", "DOCOLDNO", "DOCHDR", "FILEID"]

    private let lines: LineReader
    /// What stands behind the last `</DOC>` on its line.
    private var left = Substring()

    init(_ lines: LineReader) { self.lines = lines }

    var path: String { lines.path }
    var bytesRead: Int { lines.bytesRead }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let (body, line) = try Self.element("DOC", lines, &left) else { return nil }
        guard let id = Markup.contents(of: "DOCNO", in: body[...]).first else {
            throw .missingMember(path: path, line: line, names: ["<DOCNO>"])
        }
        func join(_ tags: [String]) -> String {
            tags.flatMap { Markup.contents(of: $0, in: body[...]) }.map(Markup.plain).joined(separator: " ")
        }
        let name = id.trimmingCharacters(in: .whitespacesAndNewlines)
        let title = join(Self.titles)
        let hasText = Self.texts.contains { Markup.opening($0, in: body[...]) != nil }
        return CorpusDocument(
            id: try ExternalID.checked(name, "DOCNO", path: path, line: line), title: title,
            text: hasText ? join(Self.texts) : Self.remainder(of: body), line: line)
    }

    /// The text outside of the ids and the headline.
    private static func remainder(of body: String) -> String {
        Markup.plain((ids + titles).reduce(body) { Markup.without($1, $0) }[...])
    }

    /// The inside of the next `<tag>…</tag>`, which may span lines, with the line where it starts.
    static func element(
        _ tag: String, _ lines: LineReader, _ left: inout Substring
    ) throws(FormatError) -> (body: String, line: Int)? {
        var body = ""
        var start: Int?
        var piece = left
        left = ""
        var number = lines.number
        while true {
            if start == nil, let open = Markup.opening(tag, in: piece[...]) {
                start = number
                piece = piece[open.upperBound...]
            }
            if start != nil {
                if let close = Markup.find("</\(tag)>", in: piece) {
                    left = piece[close.upperBound...]
                    body += piece[..<close.lowerBound]
                    return (body, start ?? number)
                }
                body += piece
                body += "\n"
                guard body.utf8.count < LineReader.limit else {
                    throw .documentTooLong(path: lines.path, line: start ?? number, limit: LineReader.limit)
                }
            }
            guard let line = try lines.next() else {
                if let start { throw .unclosed(path: lines.path, line: start, tag: "</\(tag)>") }
                return nil
            }
            number = lines.number
            piece = lines.string(line)[...]
        }
    }
}
