/// Takes the inline marks of reStructuredText off: emphasis, literals, roles, references, substitutions, escapes.
struct RestructuredInline {
    private let source: [UInt8]
    private var out: [UInt8] = []
    /// Marks that nothing closes any more.
    private var unclosed: Set<String> = []

    /// The text of a block.
    /// - Complexity: O(bytes).
    static func plain(_ source: [UInt8]) -> [UInt8] {
        var inline = RestructuredInline(source: source)
        return inline.read()
    }

    private init(source: [UInt8]) { self.source = source }

    private mutating func read() -> [UInt8] {
        var at = 0
        while at < source.count { at = step(at) }
        return out
    }

    private mutating func step(_ at: Int) -> Int {
        switch source[at] {
        case UInt8(ascii: "\\"):
            guard at + 1 < source.count else { break }
            // An escaped space is none.
            if !Markup.isSpace(source[at + 1]) { out.append(source[at + 1]) }
            return at + 2
        case UInt8(ascii: "`"):
            if let end = enclosed("``", at) {
                out += source[(at + 2)..<end]
                return end + 2
            }
            if let end = enclosed("`", at) { return interpreted(at + 1, end) }
        case UInt8(ascii: "*"):
            for mark in ["**", "*"] {
                guard let end = enclosed(mark, at) else { continue }
                let inner = Self.plain(Array(source[(at + mark.utf8.count)..<end]))
                out += inner
                return end + mark.utf8.count
            }
        case UInt8(ascii: "|"):
            if let end = enclosed("|", at) {
                out += source[(at + 1)..<end]
                return skipReference(end + 1)
            }
        case UInt8(ascii: ":") where isStart(at):
            if let end = role(at), enclosed("`", end) != nil { return end }
        case UInt8(ascii: "["):
            // A footnote's or citation's reference.
            if let close = source[at...].prefix(40).firstIndex(of: UInt8(ascii: "]")), close + 1 < source.count,
                source[close + 1] == UInt8(ascii: "_"), isEnd(close + 2)
            {
                out += source[(at + 1)..<close]
                return close + 2
            }
        case UInt8(ascii: "_"):
            if at + 1 < source.count, source[at + 1] == UInt8(ascii: "`"), let end = enclosed("`", at + 1) {
                out += source[(at + 2)..<end]
                return end + 1
            }
            if at > 0, Self.isWord(source[at - 1]), isEnd(skipReference(at)) { return skipReference(at) }
        default: break
        }
        out.append(source[at])
        return at + 1
    }

    /// Where the closing mark stands of what opens at a place; nil when nothing opens there.
    private mutating func enclosed(_ mark: String, _ at: Int) -> Int? {
        let bytes = Array(mark.utf8)
        let start = at + bytes.count
        guard !unclosed.contains(mark), source[at...].starts(with: bytes), start < source.count,
            !Markup.isSpace(source[start]),
            isStart(at) || mark == "`" && at > 0 && source[at - 1] == UInt8(ascii: ":")
                || mark == "`" && at > 0 && source[at - 1] == UInt8(ascii: "_")
        else { return nil }
        var end = start
        while end + bytes.count <= source.count {
            if source[end] == UInt8(ascii: "\\"), mark != "``" {
                end += 2
                continue
            }
            if source[end] == bytes[0], end > start, source[end...].starts(with: bytes),
                !Markup.isSpace(source[end - 1]),
                mark == "``" || mark == "`" || mark == "|" || isEnd(end + bytes.count)
            {
                // Of three marks the last ones close.
                if mark == "``", end + 2 < source.count, source[end + 2] == UInt8(ascii: "`") {
                    end += 1
                    continue
                }
                return end
            }
            end += 1
        }
        unclosed.insert(mark)
        return nil
    }

    /// `` `text <target>`_ `` and `` `text`:role: ``; returns the place behind.
    private mutating func interpreted(_ start: Int, _ end: Int) -> Int {
        var content = source[start..<end]
        if content.last == UInt8(ascii: ">"), let open = content.lastIndex(of: UInt8(ascii: "<")),
            open > content.startIndex,
            Markup.isSpace(content[open - 1])
        {
            content = content[..<open]
            while let last = content.last, Markup.isSpace(last) { content = content.dropLast() }
        } else if content.last == UInt8(ascii: ">"), content.first == UInt8(ascii: "<") {
            content = content.dropFirst().dropLast()
        }
        let isRole = start >= 2 && source[start - 2] == UInt8(ascii: ":")
        if isRole, content.first == UInt8(ascii: "~") || content.first == UInt8(ascii: "!") {
            content = content.dropFirst()
        }
        for byte in content where byte != UInt8(ascii: "\\") { out.append(byte) }
        if end + 1 < source.count, source[end + 1] == UInt8(ascii: ":"), let behind = role(end + 1) { return behind }
        return skipReference(end + 1)
    }

    private func skipReference(_ at: Int) -> Int {
        var end = at
        while end < source.count, end < at + 2, source[end] == UInt8(ascii: "_") { end += 1 }
        return end
    }

    /// The place behind `:role:`.
    private func role(_ at: Int) -> Int? {
        var end = at + 1
        while end < source.count, Self.isWord(source[end]) || [0x2D, 0x5F, 0x2E, 0x2B, 0x3A].contains(source[end]),
            end < at + 60
        {
            if source[end] == UInt8(ascii: ":"), end > at + 1,
                end + 1 == source.count || !Self.isWord(source[end + 1])
            {
                return end + 1
            }
            end += 1
        }
        return nil
    }

    /// Whether an inline mark may open here: behind white space or what opens something itself.
    private func isStart(_ at: Int) -> Bool {
        at == 0 || Markup.isSpace(source[at - 1]) || Array("'\"([{<-/:".utf8).contains(source[at - 1])
            || source[at - 1] >= 0x80
    }

    /// Whether an inline mark may close before this place.
    private func isEnd(_ at: Int) -> Bool {
        at >= source.count || Markup.isSpace(source[at]) || Array("'\")]}>-/\\:.,;!?".utf8).contains(source[at])
            || source[at] >= 0x80
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 || byte >= 0x80
    }
}
