import JSONScanning

/// A message: its subject, and what a person reads in it.
///
/// Of alternatives the plain one, else the page; of a message of several parts all that are shown in it, attachments left out.
/// Sources: RFC 5322 (messages), RFC 2045 and 2046 (parts and their encodings), RFC 2047 (words of headers).
struct MailText: FileTextReader {
    /// Messages inside messages, parts inside parts.
    private static let depth = 16

    func read(_ file: FileContent) throws(FileFault) -> FileText {
        if let foreign = ForeignData(file.bytes.prefix(ForeignData.prefix)) {
            throw .foreign(found: foreign.name, advice: foreign.advice)
        }
        let message = MailPart(file.bytes[...])
        guard !message.headers.isEmpty else { throw .refused("it has no headers of a message") }
        var found = FileText(title: FileText.line(message.words("subject") ?? ""))
        let pieces = Self.texts(message, depth: 0, &found.guess)
        found.text = FileText.trimmed(pieces.filter { !$0.isEmpty }.joined(separator: "\n\n"))
        let shown = ["from", "to", "cc", "date"].compactMap { name in
            message.words(name).map { "\"\(name)\":" + JSONText.quoted(FileText.line($0)) }
        }
        if !shown.isEmpty { found.members = [("mail", "{" + shown.joined(separator: ",") + "}")] }
        return found
    }

    private static func texts(_ part: MailPart, depth: Int, _ guess: inout TextEncoding.Guess?) -> [String] {
        guard depth < Self.depth, !part.isAttachment else { return [] }
        switch part.type {
        case "text/plain": return [PlainText.lines(text(part, &guess)).trimmingTrailingSpace]
        case "text/html": return [HTMLText.convert(Array(text(part, &guess).utf8)).text]
        case "multipart/alternative":
            let parts = part.parts
            for type in ["text/plain", "text/html"] {
                if let chosen = parts.last(where: { $0.type == type }) {
                    return texts(chosen, depth: depth + 1, &guess)
                }
            }
            return parts.last.map { texts($0, depth: depth + 1, &guess) } ?? []
        case let type where type.hasPrefix("multipart/"):
            var found: [String] = []
            for inner in part.parts { found += texts(inner, depth: depth + 1, &guess) }
            return found
        case "message/rfc822":
            let inner = MailPart(part.content[...])
            return [FileText.line(inner.words("subject") ?? "")] + texts(inner, depth: depth + 1, &guess)
        default: return []
        }
    }

    private static func text(_ part: MailPart, _ guess: inout TextEncoding.Guess?) -> String {
        let bytes = part.content
        guard let decoded = TextEncoding.decode(bytes[...], declared: part.charset) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        guess = guess ?? decoded.guess
        return decoded.text
    }
}

extension String {
    /// Without white space at its end.
    fileprivate var trimmingTrailingSpace: String {
        guard let last = unicodeScalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
        return String(unicodeScalars[...last])
    }
}
