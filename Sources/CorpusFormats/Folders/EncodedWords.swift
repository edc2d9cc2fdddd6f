/// The words of a header that carry other letters than ASCII: `=?utf-8?Q?caf=C3=A9?=` (RFC 2047).
enum EncodedWords {
    /// Decodes a header's value; what is no such word stays.
    /// - Complexity: O(bytes).
    static func decode(_ header: [UInt8]) -> String {
        // No subject is as long, and a word may be looked for at every byte.
        let value = header.count > 1 << 16 ? [UInt8](header[..<(1 << 16)]) : header
        var text = ""
        /// Words of one encoding that stand side by side are one run of bytes: a letter may be cut in two.
        var (run, charset): ([UInt8], String?) = ([], nil)
        /// What stands since the last word.
        var between: [UInt8] = []
        func take(_ bytes: [UInt8], _ name: String?) -> String {
            TextEncoding.decode(bytes[...], declared: name)?.text ?? String(decoding: bytes, as: UTF8.self)
        }
        var at = 0
        while at < value.count {
            guard let word = word(value, at) else {
                between.append(value[at])
                at += 1
                continue
            }
            // White space between two words is no part of the text.
            let isNext = charset != nil && between.allSatisfy(Markup.isSpace)
            if !isNext || charset != word.charset {
                if charset != nil { text += take(run, charset) }
                (run, charset) = ([], word.charset)
                if !isNext { text += take(between, nil) }
            }
            between = []
            run += word.bytes
            at = word.end
        }
        if charset != nil { text += take(run, charset) }
        return text + take(between, nil)
    }

    private static func word(_ value: [UInt8], _ start: Int) -> (charset: String, bytes: [UInt8], end: Int)? {
        guard value[start] == UInt8(ascii: "="), start + 1 < value.count, value[start + 1] == UInt8(ascii: "?") else {
            return nil
        }
        var marks: [Int] = []
        var at = start + 2
        while at < value.count, marks.count < 2, at - start < 200 {
            if Markup.isSpace(value[at]) { return nil }
            if value[at] == UInt8(ascii: "?") { marks.append(at) }
            at += 1
        }
        guard marks.count == 2, marks[0] > start + 2, marks[1] == marks[0] + 2 else { return nil }
        while at + 1 < value.count, !(value[at] == UInt8(ascii: "?") && value[at + 1] == UInt8(ascii: "=")) {
            // Words hold no space, but programs write them, and no word is as long as this.
            if at - start > 4096 { return nil }
            at += 1
        }
        guard at + 1 < value.count else { return nil }
        let charset = value[start + 2..<marks[0]].prefix { $0 != UInt8(ascii: "*") }
        let content = value[marks[1] + 1..<at]
        let bytes: [UInt8]
        switch value[marks[0] + 1] | 0x20 {
        case UInt8(ascii: "b"): bytes = TransferEncoding.base64(content)
        case UInt8(ascii: "q"): bytes = TransferEncoding.quotedPrintable(content, isWord: true)
        default: return nil
        }
        return (String(decoding: charset.map(Markup.lowercased), as: UTF8.self), bytes, at + 2)
    }
}
