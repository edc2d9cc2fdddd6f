/// The tags and the text of a page, told apart as HTML's tokenizer does: quotes in tags, comments, and elements that hold no tags.
///
/// Nothing is an error, as in a browser. What a page says that ends inside a tag or a comment is lost with it.
/// Source: the HTML standard, section 13.2.5 "Tokenization".
struct HTMLTokens {
    enum Token {
        /// Bytes of text, with character references in it.
        case text(Range<Int>)
        /// Bytes of an element that holds text and references, but no tags.
        case title(Range<Int>)
        case open(name: String, isEmpty: Bool)
        case close(name: String)
    }

    private let bytes: [UInt8]
    private var at = 0
    /// Whether the page is XML, where `<script/>` is whole.
    private let isXML: Bool
    /// What the last tag opened, when it holds no tags.
    private var raw: String?

    /// Elements whose text is no text of the page.
    private static let hidden: Set<String> = ["script", "style", "iframe", "noembed", "noframes", "noscript"]
    private static let plain: Set<String> = ["title", "textarea", "xmp"]

    /// - Parameter bytes: UTF-8.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        isXML = bytes.starts(with: "<?xml".utf8)
    }

    /// The next token, or nil at the end.
    /// - Complexity: O(bytes) over all calls.
    mutating func next() -> Token? {
        while at < bytes.count {
            if let name = raw {
                raw = nil
                let range = at..<end(of: name, from: at)
                at = range.upperBound
                if Self.plain.contains(name), !range.isEmpty { return .title(range) }
                continue
            }
            guard bytes[at] == UInt8(ascii: "<") else {
                let start = at
                while at < bytes.count, bytes[at] != UInt8(ascii: "<") { at += 1 }
                return .text(start..<at)
            }
            if let token = markup() { return token }
        }
        return nil
    }

    /// What begins with the bracket at `at`; nil for what is neither tag nor text.
    private mutating func markup() -> Token? {
        let open = at
        guard open + 1 < bytes.count else {
            at = bytes.count
            return .text(open..<at)
        }
        switch bytes[open + 1] {
        case UInt8(ascii: "!"):
            if bytes[open...].starts(with: "<!--".utf8) { skipComment(open) } else { skip(behind: UInt8(ascii: ">")) }
            return nil
        case UInt8(ascii: "?"):
            skip(behind: UInt8(ascii: ">"))
            return nil
        case UInt8(ascii: "/"):
            guard open + 2 < bytes.count else {
                at = bytes.count
                return .text(open..<at)
            }
            if isLetter(bytes[open + 2]) { return tag(open + 2).map { .close(name: $0.name) } }
            skip(behind: UInt8(ascii: ">"))
            return nil
        case let byte where isLetter(byte):
            guard let tag = tag(open + 1) else { return nil }
            let isEmpty = tag.isEmpty && isXML
            if !isEmpty, Self.hidden.contains(tag.name) || Self.plain.contains(tag.name) { raw = tag.name }
            return .open(name: tag.name, isEmpty: isEmpty)
        default:
            at = open + 1
            return .text(open..<at)
        }
    }

    /// Reads a tag to behind its bracket; nil, and the end of the page, when it has none.
    private mutating func tag(_ start: Int) -> (name: String, isEmpty: Bool)? {
        var end = start
        while end < bytes.count, !Markup.isSpace(bytes[end]), bytes[end] != 0x2F, bytes[end] != 0x3E { end += 1 }
        let name = String(decoding: bytes[start..<end].map(Markup.lowercased), as: UTF8.self)
        at = end
        while at < bytes.count {
            switch bytes[at] {
            case 0x3E:
                at += 1
                return (name, bytes[at - 2] == 0x2F)
            case UInt8(ascii: "="):
                at += 1
                while at < bytes.count, Markup.isSpace(bytes[at]) { at += 1 }
                skipValue()
            default: at += 1
            }
        }
        return nil
    }

    private mutating func skipValue() {
        guard at < bytes.count else { return }
        let quote = bytes[at]
        if quote == 0x22 || quote == 0x27 {
            at += 1
            skip(behind: quote)
        } else {
            while at < bytes.count, !Markup.isSpace(bytes[at]), bytes[at] != 0x3E { at += 1 }
        }
    }

    private mutating func skip(behind byte: UInt8) {
        while at < bytes.count, bytes[at] != byte { at += 1 }
        at = min(at + 1, bytes.count)
    }

    private mutating func skipComment(_ open: Int) {
        at = open + 4
        if at < bytes.count, bytes[at] == 0x3E { return at += 1 }
        if bytes[at...].starts(with: "->".utf8) { return at += 2 }
        while at < bytes.count {
            if bytes[at] == 0x2D, bytes[at...].starts(with: "-->".utf8) { return at += 3 }
            if bytes[at] == 0x2D, bytes[at...].starts(with: "--!>".utf8) { return at += 4 }
            at += 1
        }
    }

    /// Where the closing tag of an element begins that holds no tags; the end of the page when it is never closed.
    private func end(of name: String, from start: Int) -> Int {
        let name = Array(name.utf8)
        var place = start
        while place < bytes.count {
            let after = place + 2 + name.count
            if bytes[place] == 0x3C, after < bytes.count, bytes[place + 1] == 0x2F,
                Markup.matches(name, bytes, place + 2..<after),
                Markup.isSpace(bytes[after]) || bytes[after] == 0x2F || bytes[after] == 0x3E
            {
                return place
            }
            place += 1
        }
        return bytes.count
    }

    private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}
