/// Documents in TREC markup: `<DOC>`, `<DOCNO>`, a headline and `<TEXT>`, tags in any capitals.
///
/// The text is what stands in `<TEXT>` (and `<LEADPARA>`, `<LP>`); where a document has none of these, everything but the ids
/// and the headline. Without a `<DOCNO>` the id is the tag's own, as in `<DOC id="AFP_1">`.
final class TRECCorpus: DocumentSource {
    private static let titles = ["headline", "title", "hl", "head", "ttl", "ti"]
    private static let texts = ["leadpara", "lp", "text"]
    private static let ids = ["docno", "docid", "docoldno", "dochdr", "fileid"]
    private static let names = (ids + titles + texts).map { Array($0.utf8) }

    private let records: MarkupRecords

    init(_ lines: LineReader) { records = MarkupRecords(lines) }

    var path: String { records.lines.path }
    var bytesRead: Int { records.lines.bytesRead }

    func next() throws(FormatError) -> CorpusDocument? {
        guard let record = try records.next() else { return nil }
        let body = record.body
        let tags = Markup.tags(in: body, names: Self.names)
        func sections(_ names: Range<Int>) -> [Markup.Section] {
            names.flatMap { Markup.sections($0, tags, end: body.count) }
        }
        let (idCount, titleCount) = (Self.ids.count, Self.titles.count)
        let texts = sections(idCount + titleCount..<Self.names.count)
        // Where no <TEXT> says what the text is, a headline that is never closed is text, or all would be headline.
        let titles = sections(idCount..<idCount + titleCount).filter { !texts.isEmpty || $0.isClosed }
        let id = try id(record, Markup.sections(0, tags, end: body.count))
        return CorpusDocument(
            id: try ExternalID.checked(id, "DOCNO", path: path, line: record.line), title: Self.join(titles, body),
            text: texts.isEmpty
                ? Self.remainder(of: body, without: titles + sections(0..<idCount))
                : Self.join(texts, body),
            line: record.line)
    }

    private func id(_ record: MarkupRecords.Record, _ sections: [Markup.Section]) throws(FormatError) -> String {
        func line(_ section: Markup.Section) -> Int {
            record.line + record.body[..<section.tag.range.lowerBound].count { $0 == 0x0A }
        }
        guard let first = sections.first else {
            if let own = Markup.attribute(["docno", "id", "docid"], record.tag, record.tag.indices) { return own }
            throw .missingMember(path: path, line: record.line, names: ["<DOCNO>"])
        }
        guard first.isClosed else {
            throw .neverClosed(path: path, line: line(first), tag: "<DOCNO>", before: "</DOC>")
        }
        if sections.count > 1 {
            throw .duplicate(
                path: path, line: line(sections[1]), what: "the <DOCNO> of one <DOC>", firstPath: path,
                firstLine: line(first))
        }
        var range = first.range
        while let byte = range.first, Markup.isSpace(record.body[byte]) { range.removeFirst() }
        while let byte = range.last, Markup.isSpace(record.body[byte]) { range.removeLast() }
        return String(decoding: record.body[range], as: UTF8.self)
    }

    private static func join(_ sections: [Markup.Section], _ body: [UInt8]) -> String {
        sections.map { Markup.plain(body, $0.range) }.joined(separator: " ")
    }

    /// The text outside of the ids and the headline; of one that is never closed only the tag is left out.
    private static func remainder(of body: [UInt8], without sections: [Markup.Section]) -> String {
        var kept = body
        for section in sections where section.isClosed {
            for index in section.range { kept[index] = 0x20 }
        }
        // The tags themselves are taken out as any other; blanks keep the places of all that follows.
        return Markup.plain(kept, kept.indices)
    }
}
