import ByteStrings

/// Topics as TREC has written them: `<top>` with fields that nobody closes, and since 2014 XML.
///
/// A topic is a `<top>`, a `<topic>`, or a `<query>` where there is neither. Its id is the attribute `number`, `num`, `id` or `qid` of
/// that tag, or the field `<num>`, `<number>`, `<id>`, `<identifier>` or `<qid>`. Its query is the first that has a text of `<title>`,
/// `<query>`, `<question>`, `<desc>`, `<description>` and `<summary>`; else the fields of the precision medicine and clinical
/// trials tracks together; else the text that stands in the topic alone. Anything else is refused by name.
struct TopicMarkup {
    typealias Found = (id: String, text: String, line: Int)

    private static let topicNames = ["top", "topic", "query"]
    private static let idAttributes = ["number", "num", "id", "qid"]
    private static let idFields = ["num", "number", "id", "identifier", "qid"]
    private static let textFields = ["title", "query", "question", "desc", "description", "summary"]
    private static let joinedFields = ["disease", "gene", "variant", "demographic", "treatment", "other", "field"]
    /// Fields that are read past, but end one before them that is not closed.
    private static let otherFields = [
        "narr", "narrative", "dom", "head", "smry", "con", "fac", "def", "querytime", "note",
    ]
    /// Tags of printed text, which end no field.
    private static let inline: Set<ByteString> = [
        "a", "b", "br", "em", "font", "i", "li", "ol", "p", "small", "span", "strong", "sub", "sup", "tt", "u", "ul",
    ]

    private let path: String
    private let bytes: [UInt8]
    private let tags: [Markup.Tag]
    private let names: [ByteString]

    init(_ lines: LineReader) throws(FormatError) {
        path = lines.path
        var bytes: [UInt8] = []
        while let line = try lines.next() {
            bytes.append(contentsOf: lines.buffer[line])
            bytes.append(0x0A)
            guard bytes.count < LineReader.limit else {
                throw .documentTooLong(path: path, line: 1, limit: LineReader.limit)
            }
        }
        let tags = Markup.tags(in: bytes)
        self.bytes = bytes
        self.tags = tags
        names = tags.map { ByteString(String(decoding: bytes[$0.spelled].map(Markup.lowercased), as: UTF8.self)) }
    }

    /// The topics in the order of the file.
    ///
    /// - Throws: A ``FormatError``; ``FormatError/nothing(path:what:found:)`` where no tag begins a topic.
    func topics() throws(FormatError) -> [Found] {
        let kind = names.first { $0 == "top" || $0 == "topic" } ?? names.first { $0 == "query" }
        guard let kind, !Markup.isPage(bytes[...]) else {
            let shown = Self.topicNames.map { "<\($0)>" }.joined(separator: ", ")
            throw .nothing(
                path: path, what: "topics",
                found: Markup.isPage(bytes[...]) ? "it is an HTML page" : "it has no tag of \(shown)")
        }
        if let root = names.first, root == "topics" || root == "queries", !tags[0].isClosing,
            !zip(names, tags).contains(where: { $0 == root && $1.isClosing })
        {
            throw .unclosed(path: path, line: line(tags[0].range.lowerBound), tag: "</\(root)>")
        }
        var found: [Found] = []
        var (at, isClosed) = (0, true)
        var (line, counted) = (1, 0)
        let mayEndOpen = kind == "top" && !zip(names, tags).contains { $0 == kind && $1.isClosing }
        while at < tags.count {
            let tag = tags[at]
            at += 1
            guard names[at - 1] == kind else { continue }
            line += bytes[counted..<tag.range.lowerBound].count { $0 == 0x0A }
            counted = tag.range.lowerBound
            if tag.isClosing { throw .unopened(path: path, line: line, tag: "</\(kind)>", opening: "<\(kind)>") }
            if tag.isEmpty {
                found.append(try topic(tag, at..<at, tag.range.upperBound, line))
                continue
            }
            let end = names[at...].firstIndex(of: kind)
            isClosed = end.map { tags[$0].isClosing } ?? false
            if end == nil, !mayEndOpen { throw .unclosed(path: path, line: line, tag: "</\(kind)>") }
            found.append(
                try topic(tag, at..<(end ?? tags.count), end.map { tags[$0].range.lowerBound } ?? bytes.count, line))
            at = isClosed ? (end ?? tags.count) + 1 : end ?? tags.count
        }
        return found
    }

    private func topic(
        _ tag: Markup.Tag, _ inside: Range<Int>, _ end: Int, _ line: Int
    ) throws(FormatError) -> Found {
        let fields = inside.filter { !Self.inline.contains(names[$0]) && !tags[$0].isClosing }
        let own = Markup.attribute(Self.idAttributes, bytes, tag.range)
        guard let id = own != nil ? own : try text(Self.idFields, fields, inside, end) else {
            throw .missingMember(path: path, line: line, names: ["<num>", "<number>", "<id>"])
        }
        if let text = try text(Self.textFields, fields, inside, end) { return (id, text, line) }
        let joined = fields.filter { i in Self.joinedFields.contains { names[i] == ByteString($0) } }
            .map { value($0, inside, end) }.filter { !$0.isEmpty }
        if !joined.isEmpty { return (id, joined.joined(separator: " "), line) }
        let others = fields.filter { i in !Self.idFields.contains { names[i] == ByteString($0) } }
        let alone = bare(tag, fields.first, inside, end)
        guard others.isEmpty, !alone.isEmpty else {
            var shown: [String] = []
            for name in others.map({ names[$0].string }) where !shown.contains(name) && shown.count < 6 {
                shown.append(name)
            }
            throw .unreadableTopic(path: path, line: line, fields: Self.textFields, found: shown)
        }
        return (id, alone, line)
    }

    /// The text of a topic without its id, where that is a field.
    private func bare(_ tag: Markup.Tag, _ id: Int?, _ inside: Range<Int>, _ end: Int) -> String {
        guard let id else { return Markup.plain(bytes, tag.range.upperBound..<end) }
        let behind = range(id, inside, end).upperBound
        let pieces = [
            Markup.plain(bytes, tag.range.upperBound..<tags[id].range.lowerBound), Markup.plain(bytes, behind..<end),
        ]
        return pieces.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The text of the first of these fields that has any.
    private func text(
        _ candidates: [String], _ fields: [Int], _ inside: Range<Int>, _ end: Int
    ) throws(FormatError) -> String? {
        for candidate in candidates {
            let same = fields.filter { names[$0] == ByteString(candidate) }
            guard let first = same.first else { continue }
            let text = value(first, inside, end)
            if text.isEmpty { continue }
            if same.count > 1 {
                throw .duplicate(
                    path: path, line: line(tags[same[1]].range.lowerBound), what: "the <\(candidate)> of one topic",
                    firstPath: path, firstLine: line(tags[first].range.lowerBound))
            }
            return text
        }
        return nil
    }

    /// The text of a field without the label that repeats its name, as in `<num> Number: 301`.
    private func value(_ field: Int, _ inside: Range<Int>, _ end: Int) -> String {
        let text = Markup.plain(bytes, range(field, inside, end))
        let labels: [String] =
            switch names[field].string {
            case "num", "number": ["number:"]
            case "title": ["topic:", "title:"]
            case "desc": ["description:"]
            default: []
            }
        let start = Array(text.utf8.prefix(12)).map(Markup.lowercased)
        guard let label = labels.first(where: { start.starts(with: $0.utf8) }) else { return text }
        return String(decoding: Array(text.utf8.dropFirst(label.utf8.count).drop { $0 == 0x20 }), as: UTF8.self)
    }

    /// Where a field's text stands: up to its closing tag; without one, up to the next tag that is no printed text.
    private func range(_ field: Int, _ inside: Range<Int>, _ end: Int) -> Range<Int> {
        let start = tags[field].range.upperBound
        if tags[field].isEmpty { return start..<start }
        for next in field + 1..<max(inside.upperBound, field + 1) {
            if names[next] == names[field], tags[next].isClosing { return start..<tags[next].range.lowerBound }
            if !tags[next].isClosing, isField(names[next]) { break }
        }
        let next = (field + 1..<max(inside.upperBound, field + 1)).first { !Self.inline.contains(names[$0]) }
        return start..<(next.map { tags[$0].range.lowerBound } ?? end)
    }

    private func isField(_ name: ByteString) -> Bool {
        (Self.idFields + Self.textFields + Self.joinedFields + Self.otherFields).contains { ByteString($0) == name }
    }

    private func line(_ place: Int) -> Int { 1 + bytes[..<place].count { $0 == 0x0A } }
}
