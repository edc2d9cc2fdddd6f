import Foundation

/// The little of SGML that TREC documents and topics use: tags without meaning of their own, and character entities.
enum Markup {
    /// The contents of every `<tag …>…</tag>`, in order; capitals do not matter.
    static func contents(of tag: String, in text: Substring) -> [Substring] {
        var found: [Substring] = []
        var rest = text
        while let open = opening(tag, in: rest) {
            let close = find("</\(tag)>", in: rest[open.upperBound...])
            found.append(rest[open.upperBound..<(close?.lowerBound ?? rest.endIndex)])
            guard let close else { break }
            rest = rest[close.upperBound...]
        }
        return found
    }

    /// The first place of `mark`, letters of ASCII in any case.
    ///
    /// Foundation's search looks at the whole text first, which makes many searches in a long line quadratic.
    /// - Complexity: O(bytes up to that place).
    static func find(_ mark: String, in text: Substring) -> Range<Substring.Index>? {
        let (mark, bytes) = (Array(mark.utf8), text.utf8)
        var start = bytes.startIndex
        while let first = bytes[start...].firstIndex(of: mark[0]) {
            var (end, matched) = (first, 0)
            while matched < mark.count, end < bytes.endIndex, lowercased(bytes[end]) == lowercased(mark[matched]) {
                end = bytes.index(after: end)
                matched += 1
            }
            if matched == mark.count { return first..<end }
            start = bytes.index(after: first)
        }
        return nil
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The first `<tag>` or `<tag attribute=…>`.
    static func opening(_ tag: String, in text: Substring) -> Range<Substring.Index>? {
        var rest = text
        while let start = find("<\(tag)", in: rest) {
            let behind = rest[start.upperBound...]
            if let next = behind.unicodeScalars.first, next == ">" || next.properties.isWhitespace {
                // Without a bracket here there is none behind a later tag either; looking for it each time takes hours.
                guard let end = find(">", in: behind) else { return nil }
                return start.lowerBound..<end.upperBound
            }
            rest = behind
        }
        return nil
    }

    /// The text without tags and comments, with entities replaced and runs of white space made one space.
    static func plain(_ text: Substring) -> String {
        var plain = ""
        var rest = text
        // What was once not found to the end is not looked for again: a text of brackets alone would take hours.
        var (mayClose, mayEndComment) = (true, true)
        while let open = find("<", in: rest)?.lowerBound {
            plain += rest[..<open]
            plain += " "
            let behind = rest[open...]
            let inside = behind.unicodeScalars.dropFirst()
            let isTag = inside.first.map { $0.properties.isAlphabetic || ["/", "!", "?"].contains($0) } ?? false
            var end: Substring.Index?
            if behind.utf8.starts(with: "<!--".utf8) {
                end = mayEndComment ? find("-->", in: behind)?.upperBound : nil
                mayEndComment = end != nil
            } else if isTag {
                end = mayClose ? find(">", in: behind)?.upperBound : nil
                mayClose = end != nil
            }
            if let end {
                rest = rest[end...]
            } else {
                plain += "<"
                rest = Substring(inside)
            }
        }
        plain += rest
        return decoded(plain).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// The text with each `<tag …>…</tag>`, or a `<tag …>` that is never closed, made one space.
    static func without(_ tag: String, _ text: String) -> String {
        var result = ""
        var rest = text[...]
        var mayClose = true
        while let open = opening(tag, in: rest) {
            result += rest[..<open.lowerBound]
            result += " "
            let behind = rest[open.upperBound...]
            let close = mayClose ? find("</\(tag)>", in: behind) : nil
            mayClose = close != nil
            rest = close.map { behind[$0.upperBound...] } ?? behind
        }
        return result + rest
    }

    /// Replaces `&amp;`, `&#38;`, `&#x26;` and their like; what is not an entity stays.
    private static func decoded(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = text[...]
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            let behind = rest[rest.index(after: ampersand)...]
            if let end = behind.prefix(12).firstIndex(of: ";"), let character = entity(behind[..<end]) {
                result += character
                rest = behind[behind.index(after: end)...]
            } else {
                result += "&"
                rest = behind
            }
        }
        return result + rest
    }

    private static func entity(_ name: Substring) -> String? {
        if let known = entities[String(name)] { return known }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHexadecimal = digits.first == "x" || digits.first == "X"
        let code = isHexadecimal ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
    }

    private static let entities = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "hyph": "-", "blank": " ",
        "sect": "§",
    ]
}
