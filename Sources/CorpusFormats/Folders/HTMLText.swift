/// A page's title and what a person reads in it: without scripts, styles and comments, with character references decoded.
///
/// Where the page has no title, its first heading is one. Blocks stand on lines of their own, and all other white space is one space.
struct HTMLText: FileTextReader {
    func read(_ file: FileContent) throws(FileFault) -> FileText {
        let (text, guess) = try PlainText.decoded(file, declared: Self.declaredEncoding(file.bytes))
        var found = Self.convert(Array(text.utf8))
        found.guess = guess
        return found
    }

    /// - Parameter page: UTF-8.
    /// - Complexity: O(bytes).
    static func convert(_ page: [UInt8]) -> FileText {
        var tokens = HTMLTokens(page)
        var (body, title, heading) = (TextFlow(), TextFlow(), TextFlow())
        var (isTitled, isHeaded) = (false, false)
        /// Depths of elements inside which texts are taken otherwise.
        var (preformatted, drawings, templates, headings) = (0, 0, 0, 0)
        while let token = tokens.next() {
            switch token {
            case .text(let range):
                guard templates == 0 else { continue }
                let text = decoded(page, range)
                body.append(text, keepsLines: preformatted > 0)
                if headings > 0, !isHeaded { heading.append(text) }
            case .title(let range):
                guard templates == 0 else { continue }
                body.append(decoded(page, range))
            case .open(let name, let isEmpty):
                if blocks.contains(name) { body.breakLine() } else if name == "td" || name == "th" { body.space() }
                switch name {
                case "title" where !isTitled && drawings == 0 && !isEmpty:
                    isTitled = true
                    if case .title(let range)? = tokens.next(), templates == 0 { title.append(decoded(page, range)) }
                case "pre", "listing": preformatted += 1
                case "svg" where !isEmpty, "math" where !isEmpty: drawings += 1
                case "template" where !isEmpty: templates += 1
                case "h1": headings += 1
                default: break
                }
            case .close(let name):
                if blocks.contains(name) { body.breakLine() }
                switch name {
                case "pre", "listing": preformatted = max(0, preformatted - 1)
                case "svg", "math": drawings = max(0, drawings - 1)
                case "template": templates = max(0, templates - 1)
                case "h1" where headings > 0:
                    headings -= 1
                    if !heading.bytes.isEmpty { isHeaded = true }
                default: break
                }
            }
        }
        return FileText(title: title.bytes.isEmpty ? heading.text : title.text, text: body.text)
    }

    private static func decoded(_ page: [UInt8], _ range: Range<Int>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var at = range.lowerBound
        while at < range.upperBound {
            if page[at] == UInt8(ascii: "&") {
                at = CharacterReference.decode(page, at: at, end: range.upperBound, into: &text)
                if text.suffix(2).elementsEqual([0xC2, 0xA0]) {
                    text.replaceSubrange((text.count - 2)..., with: [0x20])
                }
            } else if page[at] == 0xC2, at + 1 < range.upperBound, page[at + 1] == 0xA0 {
                text.append(0x20)
                at += 2
            } else {
                text.append(page[at])
                at += 1
            }
        }
        return text
    }

    private static let blocks: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "details", "dialog",
        "dir", "div",
        "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "frameset", "h1", "h2", "h3", "h4", "h5",
        "h6", "head",
        "header", "hgroup", "hr", "html", "legend", "li", "listing", "main", "menu", "nav", "ol", "optgroup", "option",
        "p",
        "pre", "search", "section", "select", "summary", "table", "tbody", "textarea", "tfoot", "thead", "title", "tr",
        "ul",
        "xmp",
    ]

    /// What `<meta charset>`, its older form or an XML declaration say near the start of a page.
    private static func declaredEncoding(_ bytes: [UInt8]) -> String? {
        let start = Array(bytes.prefix(4096))
        for (tag, name) in [("<?xml", "encoding"), ("<meta", "charset")] {
            var at = 0
            while let open = find(Array(tag.utf8), start, at..<start.count) {
                let end = start[open...].firstIndex(of: 0x3E) ?? start.count
                at = end
                guard var place = find(Array(name.utf8), start, open..<end) else { continue }
                place += name.utf8.count
                while place < end, Markup.isSpace(start[place]) { place += 1 }
                guard place < end, start[place] == UInt8(ascii: "=") else { continue }
                place += 1
                let value = start[place..<end].drop { Markup.isSpace($0) || $0 == 0x22 || $0 == 0x27 }
                let found = value.prefix {
                    !Markup.isSpace($0) && $0 != 0x22 && $0 != 0x27 && $0 != 0x3B && $0 != 0x2F && $0 != 0x3F
                }
                return String(decoding: found, as: UTF8.self)
            }
        }
        return nil
    }

    private static func find(_ name: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        guard range.count >= name.count else { return nil }
        return (range.lowerBound...range.upperBound - name.count).first {
            Markup.matches(name, bytes, $0..<$0 + name.count)
        }
    }
}
