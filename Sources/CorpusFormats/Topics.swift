import JSONScanning

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
    private static let idNames = ["_id", "id", "qid", "query_id", "topic_id"]
    private static let textNames = ["text", "query", "title"]

    /// Reads `id⇥query` lines, BEIR's `queries.jsonl` (`{"_id", "text"}`), or TREC's markup and XML, whichever the first byte says.
    ///
    /// In JSON the id is `_id`, `id`, `qid`, `query_id` or `topic_id`, a string or a whole number, and the query `text`, `query` or
    /// `title`; where a line has several, the first of the list counts. What TREC's topics say is in ``TopicMarkup``.
    ///
    /// - Throws: A ``FormatError`` with file and line; also for an id that stands there twice, and
    ///   ``FormatError/nothing(path:what:found:)`` when there is no topic at all.
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
            for topic in try TopicMarkup(lines).topics() { try add(topic.id, topic.text, topic.line) }
        case UInt8(ascii: "["):
            throw .nothing(
                path: path, what: "topics",
                found: "it is one JSON array; one object on each line is needed, as 'jq -c .[]' writes them")
        default:
            while let (id, text, line) = try TSVCorpus.pair(lines, "query id") { try add(id, text, line) }
        }
        if topics.isEmpty { throw .nothing(path: path, what: "topics", found: "it is empty") }
        return topics
    }

    private static func object(_ records: JSONLines) throws(FormatError) -> (id: String, text: String)? {
        var (id, text): (String?, String?) = (nil, nil)
        var (idRank, textRank) = (Int.max, Int.max)
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if let rank = idNames.firstIndex(of: key) {
                if rank == idRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > idRank { return try _ = scanner.skipValue(bytes) }
                (id, idRank) = (try scanner.id(bytes, of: key), rank)
            } else if let rank = textNames.firstIndex(of: key) {
                if rank == textRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > textRank { return try _ = scanner.skipValue(bytes) }
                if let value = try scanner.stringOrNull(bytes, of: key) { (text, textRank) = (value, rank) }
            } else {
                try scanner.skipValue(bytes)
            }
        }
        guard found else { return nil }
        let (path, line) = (records.lines.path, records.lines.number)
        guard let id else { throw .missingMember(path: path, line: line, names: idNames) }
        guard let text else { throw .missingMember(path: path, line: line, names: textNames) }
        return (id, text)
    }
}
