import JSONScanning

/// Documents as JSON lines, in the spellings of BEIR, Anserini and MS MARCO.
///
/// Id: `_id`, `id`, `docno`, `pid`, `docid` or `doc_id`, a string or a whole number. Title: `title`. Text: `text`, `contents`, `body`,
/// `passage` or `segment`. Where a line has several, the first of the list counts. All other members are kept as metadata.
final class JSONCorpus: DocumentSource {
    private static let textNames = ["text", "contents", "body", "passage", "segment"]

    /// The member that counts so far among those of which one is needed.
    private struct Choice {
        var rank = Int.max
        var value: String?
        var raw = 0..<0
    }

    private let records: JSONLines
    private var others = OtherMembers()

    init(_ lines: LineReader) { records = JSONLines(lines) }

    /// Whether a file begins with a document.
    static func begins(_ path: String) -> Bool {
        guard let lines = try? LineReader(path: path) else { return false }
        return (try? JSONCorpus(lines).next()) != nil
    }

    var path: String { records.lines.path }
    var bytesRead: Int { records.lines.bytesRead }

    func next() throws(FormatError) -> CorpusDocument? {
        var (id, text) = (Choice(), Choice())
        var title: String?
        var hasTitle = false
        others.removeAll()
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if let rank = JSONCorpus.textNames.firstIndex(of: key) {
                try choose(rank, JSONCorpus.textNames, &text, &scanner, bytes) { (scanner, bytes) throws(JSONFault) in
                    try scanner.stringOrNull(bytes, of: key)
                }
            } else if let rank = ExternalID.memberNames.firstIndex(of: key) {
                try choose(rank, ExternalID.memberNames, &id, &scanner, bytes) { (scanner, bytes) throws(JSONFault) in
                    if scanner.kind(bytes) == "null" { return try scanner.stringOrNull(bytes, of: key) }
                    return try scanner.id(bytes, of: key)
                }
            } else if key == "title" {
                if hasTitle { throw JSONFault.repeated(key, at: scanner.position) }
                hasTitle = true
                title = try scanner.stringOrNull(bytes, of: key)
            } else {
                others.keep(key, try scanner.skipValue(bytes), bytes)
            }
        }
        guard found else { return nil }
        let line = records.lines.number
        return CorpusDocument(
            id: try ExternalID.checked(
                value(id, ExternalID.memberNames, "a string or a whole number"), "document id", path: path, line: line),
            title: title ?? "",
            // A record with a title and no text is common; one with neither is a mistake.
            text: text.value == nil && text.rank < Int.max && !(title ?? "").isEmpty
                ? "" : try value(text, JSONCorpus.textNames, "a string"),
            metadata: others.object, line: line)
    }

    private func value(_ choice: Choice, _ names: [String], _ expected: String) throws(FormatError) -> String {
        if let value = choice.value { return value }
        let line = records.lines.number
        guard choice.rank < names.count else { throw .missingMember(path: path, line: line, names: names) }
        throw .wrongType(path: path, line: line, member: names[choice.rank], expected: expected, found: "null")
    }

    /// Reads one of several members that say the same; the one that does not count is metadata, unless it is null.
    private func choose(
        _ rank: Int, _ names: [String], _ choice: inout Choice, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>,
        _ read: (inout JSONScanner, Span<UInt8>) throws(JSONFault) -> String?
    ) throws(JSONFault) {
        if rank == choice.rank { throw JSONFault.repeated(names[rank], at: scanner.position) }
        let start = scanner.position
        // Another type is refused only in a member that counts: "body" may well be an object beside "text".
        if choice.value != nil, rank > choice.rank {
            return others.keep(names[rank], try scanner.skipValue(bytes), bytes)
        }
        let value = try read(&scanner, bytes)
        if value != nil || choice.value == nil {
            if choice.value != nil { others.keep(names[choice.rank], choice.raw, bytes) }
            if value != nil || rank < choice.rank {
                choice = Choice(rank: rank, value: value, raw: start..<scanner.position)
            }
        }
    }
}
