import Apus

/// JSON that is put together from parts, some of which are JSON already.
enum JSONQuoting {
    /// A number as JSON has it; null where it has none.
    static func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : "null"
    }

    /// A document's title, text and metadata as one object, the metadata byte for byte.
    static func source(_ document: CorpusDocument) -> String {
        var json = ""
        append(document, to: &json)
        return json
    }

    /// The same behind other JSON.
    static func append(_ document: CorpusDocument, to json: inout String) {
        json += "{"
        if !document.title.isEmpty {
            json += "\"title\":"
            JSONText.append(document.title, to: &json)
            json += ","
        }
        json += "\"text\":"
        JSONText.append(document.text, to: &json)
        if let metadata = document.metadata {
            // Without its braces.
            let members = trimmed(trimmed(metadata[...]).dropFirst().dropLast())
            if !members.isEmpty {
                json += ","
                json += members
            }
        }
        json += "}"
    }

    /// Without what JSON takes for blanks at both ends.
    private static func trimmed(_ text: Substring) -> Substring {
        func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
        let bytes = text.utf8
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return "" }
        return text[first...last]
    }
}
