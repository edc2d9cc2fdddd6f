import Apus
import Foundation

/// JSON that is put together from parts, some of which are JSON already.
enum JSONQuoting {
    /// A number as JSON has it; null where it has none.
    static func number(_ value: Double) -> String {
        value.isFinite ? "\(value)" : "null"
    }

    /// A document's title, text and metadata as one object, the metadata byte for byte.
    static func source(_ document: CorpusDocument) -> String {
        var members: [String] = []
        if !document.title.isEmpty { members.append("\"title\":" + JSONText.quoted(document.title)) }
        members.append("\"text\":" + JSONText.quoted(document.text))
        // Without its braces.
        let metadata = document.metadata?.trimmingCharacters(in: .whitespacesAndNewlines).dropFirst().dropLast() ?? ""
        if !metadata.allSatisfy(\.isWhitespace) { members.append(String(metadata)) }
        return "{" + members.joined(separator: ",") + "}"
    }
}
