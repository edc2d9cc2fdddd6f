import Apus

/// JSON that is put together from parts, some of which are JSON already.
enum JSONQuoting {
    /// A text in quotes.
    static func quoted(_ text: String) -> String { JSONText.quoted(text) }

    /// A number as JSON has it; null where it has none.
    static func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : "null"
    }

    /// A document's title, text and metadata as one object, the metadata byte for byte.
    static func source(_ document: CorpusDocument) -> String {
        var members: [String] = []
        if !document.title.isEmpty { members.append("\"title\":" + quoted(document.title)) }
        members.append("\"text\":" + quoted(document.text))
        if let metadata = document.metadata?.trimmedObject, !metadata.isEmpty { members.append(metadata) }
        return "{" + members.joined(separator: ",") + "}"
    }
}

extension String {
    /// The members of an object, without its braces.
    fileprivate var trimmedObject: String {
        var scalars = unicodeScalars[...]
        while let first = scalars.first, first.properties.isWhitespace || first == "{" {
            scalars.removeFirst()
            if first == "{" { break }
        }
        while let last = scalars.last, last.properties.isWhitespace || last == "}" {
            scalars.removeLast()
            if last == "}" { break }
        }
        return String(scalars).trimmingSpace
    }

    private var trimmingSpace: String {
        allSatisfy(\.isWhitespace) ? "" : self
    }
}
