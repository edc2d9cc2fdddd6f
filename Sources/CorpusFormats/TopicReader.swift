import JSONScanning

/// Reads the topics of a file one at a time, and says on which line each stands.
///
/// In lines and JSON lines, ``next()`` may be called again after an error that is one line's (``FormatError/isOfOneLine``): it
/// goes on behind that line. Markup is read as a whole.
public final class TopicReader {
    private enum Records {
        case json(JSONLines)
        case markup(ArraySlice<TopicMarkup.Found>)
        case lines
    }

    /// The file, or `-`.
    public let path: String
    /// Whether each line is a record of its own.
    public let isOfLines: Bool
    private let lines: LineReader
    private var records: Records

    private static let idNames = ["_id", "id", "qid", "query_id", "topic_id"]
    private static let textNames = ["text", "query", "title"]

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: A ``FormatError``, for markup also one of its topics.
    public init(path: String) throws(FormatError) {
        self.path = path
        lines = try LineReader(path: path)
        switch try lines.peek(1 << 16).first(where: { $0 > 0x20 }) {
        case UInt8(ascii: "{"): records = .json(JSONLines(lines))
        case UInt8(ascii: "<"): records = .markup(try TopicMarkup(lines).topics()[...])
        case UInt8(ascii: "["):
            throw .nothing(
                path: path, what: "topics",
                found: "it is one JSON array; one object on each line is needed, as 'jq -c .[]' writes them")
        default: records = .lines
        }
        if case .markup = records { isOfLines = false } else { isOfLines = true }
    }

    /// The next topic and its line, or nil at the end. Ids may repeat.
    ///
    /// - Throws: A ``FormatError`` with file and line.
    public func next() throws(FormatError) -> (topic: Topic, line: Int)? {
        guard let found = try record() else { return nil }
        let id = try ExternalID.checked(found.id, "query id", path: path, line: found.line)
        return (Topic(id: id, text: found.text), found.line)
    }

    private func record() throws(FormatError) -> TopicMarkup.Found? {
        switch records {
        case .json(let records): return try object(records)
        case .lines:
            guard let (id, text, line) = try TSVCorpus.pair(lines, "query id") else { return nil }
            return (id, text, line)
        case .markup(var rest):
            let first = rest.popFirst()
            records = .markup(rest)
            return first
        }
    }

    private func object(_ records: JSONLines) throws(FormatError) -> TopicMarkup.Found? {
        var (id, text): (String?, String?) = (nil, nil)
        var (idRank, textRank) = (Int.max, Int.max)
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if let rank = Self.idNames.firstIndex(of: key) {
                if rank == idRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > idRank { return try _ = scanner.skipValue(bytes) }
                (id, idRank) = (try scanner.id(bytes, of: key), rank)
            } else if let rank = Self.textNames.firstIndex(of: key) {
                if rank == textRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > textRank { return try _ = scanner.skipValue(bytes) }
                if let value = try scanner.stringOrNull(bytes, of: key) { (text, textRank) = (value, rank) }
            } else {
                try scanner.skipValue(bytes)
            }
        }
        guard found else { return nil }
        let line = lines.number
        guard let id else { throw .missingMember(path: path, line: line, names: Self.idNames) }
        guard let text else { throw .missingMember(path: path, line: line, names: Self.textNames) }
        return (id, text, line)
    }
}
