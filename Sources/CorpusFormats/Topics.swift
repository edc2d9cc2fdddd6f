import Foundation

/// One query of a test collection.
public struct Topic: Sendable, Equatable {
    /// The query id, as qrels and runs name it.
    public var id: String
    /// What is asked.
    public var text: String

    /// Makes a topic.
    public init(id: String, text: String) {
        self.id = id
        self.text = text
    }
}

/// Reads topic files.
public enum Topics {
    /// Reads `id⇥query` lines, BEIR's `queries.jsonl` (`{"_id", "text"}`), or TREC's `<top>` markup, whichever the first byte says.
    ///
    /// Of TREC topics, the title is the query, or the description when there is no title.
    ///
    /// - Throws: A ``FormatError`` with file and line; also for an id that stands there twice.
    public static func read(_ path: String) throws(FormatError) -> [Topic] {
        let lines = try LineReader(path: path)
        let first = try lines.peek(1 << 16).first { $0 > 0x20 }
        var topics: [Topic] = []
        var seen = DuplicateIDs()
        func add(_ id: String, _ text: String, _ line: Int) throws(FormatError) {
            let id = try ExternalID.checked(id, "query id", path: path, line: line)
            try seen.insert(id, path: path, line: line)
            topics.append(Topic(id: id, text: text))
        }
        switch first {
        case UInt8(ascii: "{"):
            let records = JSONLines(lines)
            while let (id, text) = try object(records) { try add(id, text, lines.number) }
        case UInt8(ascii: "<"):
            var left = Substring()
            while let (body, line) = try TRECCorpus.element("top", lines, &left) {
                guard let number = field("num", in: body) else {
                    throw .missingMember(path: path, line: line, names: ["<num>"])
                }
                guard let text = field("title", in: body) ?? field("desc", in: body) else {
                    throw .missingMember(path: path, line: line, names: ["<title>", "<desc>"])
                }
                try add(number, text, line)
            }
        default:
            while let (id, text, line) = try TSVCorpus.pair(lines, "query id") { try add(id, text, line) }
        }
        return topics
    }

    private static func object(_ records: JSONLines) throws(FormatError) -> (id: String, text: String)? {
        var (id, text): (String?, String?) = (nil, nil)
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            switch key {
            case "_id", "id", "qid": id = try scanner.string(bytes, of: key)
            case "text", "query", "title": text = try scanner.string(bytes, of: key)
            default: try scanner.skipValue(bytes)
            }
        }
        guard found else { return nil }
        let (path, line) = (records.lines.path, records.lines.number)
        guard let id else { throw .missingMember(path: path, line: line, names: ["_id", "id", "qid"]) }
        guard let text else { throw .missingMember(path: path, line: line, names: ["text", "query"]) }
        return (id, text)
    }

    /// What follows `<tag>` up to the next tag, because TREC topics do not close theirs; without the label that repeats the tag.
    private static func field(_ tag: String, in body: String) -> String? {
        guard let open = Markup.opening(tag, in: body[...]) else { return nil }
        let rest = body[open.upperBound...]
        let text = Markup.plain(rest[..<(rest.firstIndex(of: "<") ?? rest.endIndex)])
        let labels = ["Number:", "Topic:", "Description:"]
        let label = labels.first { text.hasPrefix($0) } ?? ""
        return text.dropFirst(label.count).trimmingCharacters(in: .whitespaces)
    }
}
