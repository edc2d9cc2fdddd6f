import JSONScanning

extension CorpusDocument {
    /// Reads a document that is one JSON object, with the members that a line of a corpus has; `_id` comes from elsewhere.
    /// - Parameters:
    ///   - bytes: The object, on one line or several.
    ///   - id: Its id.
    ///   - name: What messages call the object.
    /// - Throws: ``FormatError``, also for an id that is empty or has white space.
    public init(json bytes: [UInt8], id: String, name: String) throws(FormatError) {
        _ = try ExternalID.checked(id, "document id", path: name, line: 1)
        // Within JSON's strings a line's end is spelled, so those that stand there are between its tokens.
        let line = bytes.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 }
        guard let start = line.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }), line[start] == UInt8(ascii: "{") else {
            throw .malformedJSON(path: name, line: 1, column: 1, expected: "an object", found: "something else")
        }
        let rest = line[(start + 1)...]
        let isEmpty = rest.first { $0 != 0x20 && $0 != 0x09 } == UInt8(ascii: "}")
        let member = Array("{\"_id\":".utf8) + Array(JSONText.quoted(id).utf8) + (isEmpty ? [] : [UInt8(ascii: ",")])
        let corpus = JSONCorpus(LineReader(bytes: member + rest, name: name))
        guard let document = try corpus.next() else {
            throw .malformedJSON(path: name, line: 1, column: 1, expected: "an object", found: "something else")
        }
        self = document
    }
}
