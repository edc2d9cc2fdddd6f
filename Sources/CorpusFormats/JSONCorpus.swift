/// Documents as JSON lines, in the spellings of BEIR, Anserini and MS MARCO.
///
/// Id: `_id`, `id`, `docno` or `docid`. Title: `title`. Text: `text`, `contents`, `body`, `passage` or `segment`. Where a line has
/// several, the first of the list counts. All other members are kept as metadata.
final class JSONCorpus: DocumentSource {
    private static let idNames = ["_id", "id", "docno", "docid"]
    private static let textNames = ["text", "contents", "body", "passage", "segment"]

    private let records: JSONLines
    private var others: [UInt8] = []

    init(_ lines: LineReader) { records = JSONLines(lines) }

    var path: String { records.lines.path }
    var bytesRead: Int { records.lines.bytesRead }

    func next() throws(FormatError) -> CorpusDocument? {
        var (id, text, title): (String?, String?, String) = (nil, nil, "")
        var (idRank, textRank) = (Int.max, Int.max)
        others.removeAll(keepingCapacity: true)
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if let rank = JSONCorpus.textNames.firstIndex(of: key) {
                let value = try scanner.string(bytes, of: key)
                if rank <= textRank { (text, textRank) = (value, rank) }
            } else if let rank = JSONCorpus.idNames.firstIndex(of: key) {
                let value = try scanner.string(bytes, of: key)
                if rank <= idRank { (id, idRank) = (value, rank) }
            } else if key == "title" {
                // Some exports write null for "no title".
                if scanner.kind(bytes) == "null" {
                    try scanner.skipValue(bytes)
                } else {
                    title = try scanner.string(bytes, of: key)
                }
            } else {
                try keep(key, &scanner, bytes)
            }
        }
        guard found else { return nil }
        let line = records.lines.number
        guard let id else { throw .missingMember(path: path, line: line, names: JSONCorpus.idNames) }
        guard let text else { throw .missingMember(path: path, line: line, names: JSONCorpus.textNames) }
        return CorpusDocument(
            id: try ExternalID.checked(id, "document id", path: path, line: line), title: title, text: text,
            metadata: others.isEmpty ? nil : "{" + String(decoding: others, as: UTF8.self) + "}", line: line)
    }

    /// Copies a member as it is spelled in the file; BEIR's `"metadata": {}` says nothing and is left out.
    private func keep(_ key: String, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>) throws(JSONFault) {
        let value = try scanner.skipValue(bytes)
        if key == "metadata", bytes[value.lowerBound] == UInt8(ascii: "{"),
            value.dropFirst().dropLast().allSatisfy({ bytes[$0] <= 0x20 })
        {
            return
        }
        if !others.isEmpty { others.append(UInt8(ascii: ",")) }
        others.append(contentsOf: JSONText.quoted(key).utf8)
        others.append(UInt8(ascii: ":"))
        for index in value { others.append(bytes[index]) }
    }
}
