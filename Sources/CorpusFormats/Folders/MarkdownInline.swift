/// Takes the marks of one block of Markdown off: emphasis, links, images, code, escapes, tags, character references.
struct MarkdownInline {
    private struct Delimiter {
        let mark: UInt8
        let count: Int
        let canOpen: Bool
        let canClose: Bool
        /// What of the output is still there of it.
        var range: Range<Int>
    }

    private let source: [UInt8]
    private let definitions: Set<String>
    private var out: [UInt8] = []
    private var delimiters: [Delimiter] = []
    /// Where a link's text ends, and where what follows it does.
    private var closers: [Int: Int] = [:]
    private var brackets: [Int: Int] = [:]
    private var lastRuns: [Int: Int] = [:]

    /// The text of a block.
    /// - Complexity: O(bytes) but for link targets, which are read once more for each bracket before them, at most 2,000 bytes.
    static func plain(_ source: [UInt8], _ definitions: Set<String>) -> [UInt8] {
        var inline = MarkdownInline(source, definitions)
        return inline.read()
    }

    /// A label as it is compared: in small letters, with one space where there is white space.
    static func label(_ bytes: ArraySlice<UInt8>) -> String {
        FileText.line(String(decoding: bytes, as: UTF8.self)).lowercased()
    }

    private init(_ source: [UInt8], _ definitions: Set<String>) {
        (self.source, self.definitions) = (source, definitions)
        var open: [Int] = []
        var at = 0
        while at < source.count {
            switch source[at] {
            case UInt8(ascii: "\\"): at += 1
            case UInt8(ascii: "["): open.append(at)
            case UInt8(ascii: "]"): if let start = open.popLast() { brackets[start] = at }
            case UInt8(ascii: "`"):
                let count = run(at)
                lastRuns[count] = at
                at += count - 1
            default: break
            }
            at += 1
        }
    }

    private mutating func read() -> [UInt8] {
        var at = 0
        while at < source.count {
            let byte = source[at]
            switch byte {
            case UInt8(ascii: "\\"): at = escape(at)
            case UInt8(ascii: "`"): at = code(at)
            case UInt8(ascii: "&"): at = CharacterReference.decode(source, at: at, end: source.count, into: &out)
            case UInt8(ascii: "<"): at = tag(at)
            case UInt8(ascii: "!")
            where at + 1 < source.count && source[at + 1] == UInt8(ascii: "[") && link(at + 1) != nil:
                at += 1
            case UInt8(ascii: "["):
                if let (close, end) = link(at) { closers[close] = end } else { out.append(byte) }
                at += 1
            case UInt8(ascii: "]") where closers[at] != nil: at = closers[at] ?? at + 1
            case UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "~"): at = delimiter(at)
            default:
                out.append(byte)
                at += 1
            }
        }
        return withoutEmphasis()
    }

    private func run(_ start: Int) -> Int {
        var end = start
        while end < source.count, source[end] == source[start] { end += 1 }
        return end - start
    }

    private mutating func escape(_ at: Int) -> Int {
        guard at + 1 < source.count, Self.isPunctuation(source[at + 1]) || source[at + 1] == 0x0A else {
            out.append(source[at])
            return at + 1
        }
        out.append(source[at + 1])
        return at + 2
    }

    private mutating func code(_ at: Int) -> Int {
        let count = run(at)
        var end = at + count
        if lastRuns[count].map({ $0 > at }) ?? false {
            while end < source.count {
                guard source[end] == UInt8(ascii: "`") else {
                    end += 1
                    continue
                }
                let closing = run(end)
                if closing == count {
                    var content = source[(at + count)..<end]
                    if content.first == 0x20, content.last == 0x20, content.contains(where: { $0 != 0x20 }) {
                        content = content.dropFirst().dropLast()
                    }
                    out += content
                    return end + count
                }
                end += closing
            }
        }
        out += source[at..<(at + count)]
        return at + count
    }

    /// A tag or a comment is dropped, an address in brackets is text.
    private mutating func tag(_ at: Int) -> Int {
        let rest = source[at...].prefix(4096)
        if rest.starts(with: "<!--".utf8) {
            var end = at + 4
            while end < source.count, !source[end...].starts(with: "-->".utf8) { end += 1 }
            return min(end + 3, source.count)
        }
        guard let close = rest.firstIndex(of: UInt8(ascii: ">")), close > at + 1 else { return literal(at) }
        let inside = source[(at + 1)..<close]
        let name = inside.first == UInt8(ascii: "/") ? inside.dropFirst() : inside
        guard let first = name.first, (first | 0x20) &- 0x61 < 26 else {
            return [UInt8(ascii: "!"), UInt8(ascii: "?")].contains(inside.first) ? close + 1 : literal(at)
        }
        let word = name.prefix { !Markup.isSpace($0) }
        if !inside.contains(where: Markup.isSpace), word.contains(UInt8(ascii: ":")) || word.contains(UInt8(ascii: "@"))
        {
            out += inside
            return close + 1
        }
        let spelled = word.prefix { ($0 | 0x20) &- 0x61 < 26 || $0 &- 0x30 < 10 || $0 == 0x2D }
        guard spelled.count == word.count || word.dropFirst(spelled.count).elementsEqual("/".utf8) else {
            return literal(at)
        }
        return close + 1
    }

    private mutating func literal(_ at: Int) -> Int {
        out.append(source[at])
        return at + 1
    }

    /// Where the text of a link that begins with this bracket ends, and where the link does.
    private func link(_ open: Int) -> (close: Int, end: Int)? {
        guard let close = brackets[open] else { return nil }
        let next = close + 1
        if next < source.count, source[next] == UInt8(ascii: "("), let end = target(next) { return (close, end) }
        guard close - open < 1000 else { return nil }
        if next < source.count, source[next] == UInt8(ascii: "["), let last = brackets[next] {
            let label = last == next + 1 ? source[(open + 1)..<close] : source[(next + 1)..<last]
            return label.count < 1000 && definitions.contains(Self.label(label)) ? (close, last + 1) : nil
        }
        return definitions.contains(Self.label(source[(open + 1)..<close])) ? (close, next) : nil
    }

    /// The place behind `(target "title")`.
    private func target(_ open: Int) -> Int? {
        let limit = min(source.count, open + 2000)
        var at = open + 1
        func skipSpace() { while at < limit, Markup.isSpace(source[at]) { at += 1 } }
        skipSpace()
        if at < limit, source[at] == UInt8(ascii: "<") {
            while at < limit, source[at] != UInt8(ascii: ">") { at += 1 }
            at += 1
        } else {
            var depth = 0
            while at < limit, !Markup.isSpace(source[at]) {
                if source[at] == UInt8(ascii: "\\") {
                    at += 1
                } else if source[at] == UInt8(ascii: "(") {
                    depth += 1
                } else if source[at] == UInt8(ascii: ")") {
                    if depth == 0 { break }
                    depth -= 1
                }
                at += 1
            }
        }
        skipSpace()
        if at < limit, let quote = [0x22, 0x27, 0x28].first(where: { $0 == source[at] }) {
            let closing: UInt8 = quote == 0x28 ? 0x29 : quote
            at += 1
            while at < limit, source[at] != closing { at += source[at] == UInt8(ascii: "\\") ? 2 : 1 }
            at += 1
            skipSpace()
        }
        return at < limit && source[at] == UInt8(ascii: ")") ? at + 1 : nil
    }

    // MARK: Emphasis

    private mutating func delimiter(_ at: Int) -> Int {
        let (mark, count) = (source[at], run(at))
        let start = out.count
        out += source[at..<(at + count)]
        if mark == UInt8(ascii: "~"), count != 2 { return at + count }
        func kind(_ byte: UInt8?) -> (isSpace: Bool, isPunctuation: Bool) {
            (byte.map(Markup.isSpace) ?? true, byte.map(Self.isPunctuation) ?? false)
        }
        let before = kind(at > 0 ? source[at - 1] : nil)
        let after = kind(at + count < source.count ? source[at + count] : nil)
        let isLeft = !after.isSpace && (!after.isPunctuation || before.isSpace || before.isPunctuation)
        let isRight = !before.isSpace && (!before.isPunctuation || after.isSpace || after.isPunctuation)
        let isWord = mark == UInt8(ascii: "_")
        delimiters.append(
            Delimiter(
                mark: mark, count: count, canOpen: isLeft && (!isWord || !isRight || before.isPunctuation),
                canClose: isRight && (!isWord || !isLeft || after.isPunctuation), range: start..<out.count))
        return at + count
    }

    /// CommonMark's "process emphasis": each closing run takes the nearest opening one.
    private mutating func withoutEmphasis() -> [UInt8] {
        var dropped: [Range<Int>] = []
        var open: [Int] = []
        /// Below which of the open ones nothing fits a closer of this kind.
        var bottoms: [Int: Int] = [:]
        for place in delimiters.indices {
            if delimiters[place].canClose {
                let closer = delimiters[place]
                let key = Int(closer.mark) * 8 + closer.count % 3 * 2 + (closer.canOpen ? 1 : 0)
                while !delimiters[place].range.isEmpty {
                    let bottom = min(bottoms[key] ?? 0, open.count)
                    let found = open[bottom...].lastIndex { fits(delimiters[$0], closer) }
                    guard let found else {
                        bottoms[key] = open.count
                        break
                    }
                    let opener = open[found]
                    let both = min(2, delimiters[opener].range.count, delimiters[place].range.count)
                    let (first, last) = (delimiters[opener].range, delimiters[place].range)
                    dropped += [first.upperBound - both..<first.upperBound, last.lowerBound..<last.lowerBound + both]
                    delimiters[opener].range = first.lowerBound..<first.upperBound - both
                    delimiters[place].range = last.lowerBound + both..<last.upperBound
                    open.removeSubrange((delimiters[opener].range.isEmpty ? found : found + 1)...)
                    bottoms = bottoms.mapValues { min($0, open.count) }
                }
            }
            if delimiters[place].canOpen, !delimiters[place].range.isEmpty { open.append(place) }
        }
        guard !dropped.isEmpty else { return out }
        var isDropped = [Bool](repeating: false, count: out.count)
        for range in dropped { for at in range { isDropped[at] = true } }
        return zip(out, isDropped).filter { !$0.1 }.map(\.0)
    }

    private func fits(_ opener: Delimiter, _ closer: Delimiter) -> Bool {
        guard opener.mark == closer.mark else { return false }
        guard opener.canClose || closer.canOpen else { return true }
        return (opener.count + closer.count) % 3 != 0 || opener.count % 3 == 0 && closer.count % 3 == 0
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }
}
