import Glibc

/// The little of SGML and XML that TREC documents and topics use: tags, comments and character references, over bytes.
enum Markup {
    /// One tag.
    struct Tag {
        /// The place of the name in the list that was looked for; 0 when every name was.
        let name: Int
        /// Where the name stands.
        let spelled: Range<Int>
        /// From the bracket to behind the other.
        let range: Range<Int>
        /// `</tag>`
        let isClosing: Bool
        /// `<tag/>`
        let isEmpty: Bool
    }

    /// What stands between a tag and its closing one.
    struct Section {
        let tag: Tag
        let range: Range<Int>
        /// Without a closing tag the section ends before the next opening one.
        let isClosed: Bool
    }

    /// The tags with one of `names`, which are in small letters; all tags when there are no names. Comments are passed over.
    ///
    /// - Complexity: O(bytes), also where nothing is closed.
    static func tags(in bytes: [UInt8], names: [[UInt8]] = []) -> [Tag] {
        var tags: [Tag] = []
        var at = 0
        var mayEndComment = true
        while let open = first(0x3C, in: bytes, at..<bytes.count) {
            at = open + 1
            if mayEndComment, let mark = hidden(bytes, open) {
                let end = find(mark.end, in: bytes, open + mark.start.count..<bytes.count)
                mayEndComment = end != nil
                if let end {
                    at = end.upperBound
                    continue
                }
            }
            guard let spelled = name(in: bytes, at: open), spelled.upperBound < bytes.count else { continue }
            let behind = bytes[spelled.upperBound]
            guard behind == 0x3E || behind == 0x2F || isSpace(behind) else { continue }
            var place = 0
            if !names.isEmpty {
                guard let found = names.firstIndex(where: { matches($0, bytes, spelled) }) else { continue }
                place = found
            }
            // Without a bracket here there is none behind a later tag either.
            guard let end = first(0x3E, in: bytes, spelled.upperBound..<bytes.count) else { break }
            tags.append(
                Tag(
                    name: place, spelled: spelled, range: open..<end + 1, isClosing: bytes[open + 1] == 0x2F,
                    isEmpty: bytes[end - 1] == 0x2F))
            at = end + 1
        }
        return tags
    }

    /// The sections of one name, in order.
    ///
    /// - Complexity: O(tags).
    static func sections(_ name: Int, _ tags: [Tag], end: Int) -> [Section] {
        var sections: [Section] = []
        var next = 0
        while next < tags.count {
            let tag = tags[next]
            next += 1
            guard tag.name == name, !tag.isClosing else { continue }
            if tag.isEmpty {
                sections.append(Section(tag: tag, range: tag.range.upperBound..<tag.range.upperBound, isClosed: true))
                continue
            }
            let same = tags[next...].firstIndex { $0.name == name }
            if let same, tags[same].isClosing {
                let range = tag.range.upperBound..<tags[same].range.lowerBound
                sections.append(Section(tag: tag, range: range, isClosed: true))
                next = same + 1
            } else {
                let stop = tags[next...].first { !$0.isClosing }?.range.lowerBound ?? end
                sections.append(Section(tag: tag, range: tag.range.upperBound..<stop, isClosed: false))
            }
        }
        return sections
    }

    /// The text without tags and comments, with character references decoded and runs of white space made one space.
    static func plain(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(range.count)
        var at = range.lowerBound
        // What was once not found to the end is not looked for again: a text of brackets alone would take hours.
        var (mayClose, mayEndComment) = (true, true)
        while at < range.upperBound {
            var stop = at
            while stop < range.upperBound, bytes[stop] != 0x3C, bytes[stop] != 0x26 { stop += 1 }
            text.append(contentsOf: bytes[at..<stop])
            guard stop < range.upperBound else { break }
            if bytes[stop] == 0x26 {
                at = CharacterReference.decode(bytes, at: stop, end: range.upperBound, into: &text)
                continue
            }
            at = stop + 1
            if let mark = hidden(bytes, stop), mark.end.count <= range.upperBound - stop {
                let start = stop + mark.start.count
                let end =
                    mayEndComment && start <= range.upperBound
                    ? find(mark.end, in: bytes, start..<range.upperBound) : nil
                mayEndComment = end != nil
                if let end {
                    text.append(0x20)
                    // A CDATA section is text that happens to hold brackets.
                    if mark.isText { text.append(contentsOf: bytes[start..<end.lowerBound]) }
                    at = end.upperBound
                    continue
                }
            } else if isTag(bytes, stop, range.upperBound) {
                let end = mayClose ? first(0x3E, in: bytes, at..<range.upperBound) : nil
                mayClose = end != nil
                if let end {
                    text.append(0x20)
                    at = end + 1
                    continue
                }
            }
            text.append(0x3C)
        }
        return collapsed(text)
    }

    /// Whether the data are a web page, behind what XML and HTML allow to stand before it.
    static func isPage(_ start: ArraySlice<UInt8>) -> Bool {
        var bytes = [UInt8](start.prefix(4096))
        while bytes.starts(with: "<?".utf8) || bytes.starts(with: "<!--".utf8), let end = bytes.firstIndex(of: 0x3E) {
            bytes = [UInt8](bytes[(end + 1)...].drop(while: isSpace))
        }
        return ["<!doctype html", "<html", "<head", "<body"].contains {
            matches(Array($0.utf8), bytes, 0..<min($0.utf8.count, bytes.count))
        }
    }

    /// The value of the first of these attributes of a tag, decoded; nil when it has none of them.
    static func attribute(_ names: [String], _ bytes: [UInt8], _ tag: Range<Int>) -> String? {
        var found: [(name: String, value: String)] = []
        var at = tag.lowerBound
        while at < tag.upperBound {
            while at < tag.upperBound, !isNameByte(bytes[at]) { at += 1 }
            let start = at
            while at < tag.upperBound, isNameByte(bytes[at]) { at += 1 }
            let name = String(decoding: bytes[start..<at], as: UTF8.self).lowercased()
            while at < tag.upperBound, isSpace(bytes[at]) { at += 1 }
            guard at < tag.upperBound, bytes[at] == UInt8(ascii: "=") else { continue }
            at += 1
            while at < tag.upperBound, isSpace(bytes[at]) { at += 1 }
            guard at < tag.upperBound else { break }
            let quote = bytes[at] == 0x22 || bytes[at] == 0x27 ? bytes[at] : nil
            if quote != nil { at += 1 }
            let value = at
            while at < tag.upperBound, quote.map({ bytes[at] != $0 }) ?? !(isSpace(bytes[at]) || bytes[at] == 0x3E) {
                at += 1
            }
            found.append((name, plain(bytes, value..<at)))
            if quote != nil { at += 1 }
        }
        return names.lazy.compactMap { name in found.first { $0.name == name }?.value }.first
    }

    /// Whether a name is this one, which is in small letters; capitals do not matter.
    static func matches(_ name: [UInt8], _ bytes: [UInt8], _ range: Range<Int>) -> Bool {
        guard name.count == range.count else { return false }
        return zip(name, range).allSatisfy { $0 == lowercased(bytes[$1]) }
    }

    static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 0x09 < 5 }

    private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || byte &- 0x30 < 10 || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x3A
    }

    /// The name of the tag that starts at `open`.
    private static func name(in bytes: [UInt8], at open: Int) -> Range<Int>? {
        var start = open + 1
        if start < bytes.count, bytes[start] == 0x2F { start += 1 }
        guard start < bytes.count, isLetter(bytes[start]) else { return nil }
        var end = start + 1
        while end < bytes.count, isNameByte(bytes[end]) { end += 1 }
        return start..<end
    }

    private static func isTag(_ bytes: [UInt8], _ open: Int, _ end: Int) -> Bool {
        guard open + 1 < end else { return false }
        switch bytes[open + 1] {
        case UInt8(ascii: "/"), UInt8(ascii: "!"), UInt8(ascii: "?"):
            return open + 2 < end && (isLetter(bytes[open + 2]) || bytes[open + 2] == 0x3E)
        default: return isLetter(bytes[open + 1])
        }
    }

    private struct Hidden {
        let start: [UInt8]
        let end: [UInt8]
        let isText: Bool
    }

    private static let comment = Hidden(start: Array("<!--".utf8), end: Array("-->".utf8), isText: false)
    private static let characterData = Hidden(start: Array("<![CDATA[".utf8), end: Array("]]>".utf8), isText: true)

    /// The comment or CDATA section that starts at `open`.
    private static func hidden(_ bytes: [UInt8], _ open: Int) -> Hidden? {
        guard open + 1 < bytes.count, bytes[open + 1] == UInt8(ascii: "!") else { return nil }
        return [comment, characterData].first { bytes[open...].starts(with: $0.start) }
    }

    private static func find(_ mark: [UInt8], in bytes: [UInt8], _ range: Range<Int>) -> Range<Int>? {
        var from = range.lowerBound
        while let place = first(mark[0], in: bytes, from..<range.upperBound) {
            if place + mark.count <= range.upperBound, bytes[place...].starts(with: mark) {
                return place..<place + mark.count
            }
            from = place + 1
        }
        return nil
    }

    private static func first(_ byte: UInt8, in bytes: [UInt8], _ range: Range<Int>) -> Int? {
        // Safe: the range lies in the array, and memchr stays inside it.
        unsafe bytes.withUnsafeBytes { bytes in
            guard !range.isEmpty, let base = bytes.baseAddress,
                let found = unsafe memchr(base + range.lowerBound, Int32(byte), range.count)
            else { return nil }
            return unsafe base.distance(to: UnsafeRawPointer(found))
        }
    }

    /// White space is what Unicode calls so; a mark that combines with a space stays.
    private static func collapsed(_ text: [UInt8]) -> String {
        var (result, at): ([UInt8], Int) = ([], 0)
        result.reserveCapacity(text.count)
        var isPending = false
        while at < text.count {
            let length = lengthOfSpace(text, at)
            if length > 0 {
                isPending = !result.isEmpty
                at += length
                continue
            }
            if isPending { result.append(0x20) }
            isPending = false
            result.append(text[at])
            at += 1
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// How many bytes the white space at a place has; 0 when there is none. Continuation bytes never look like one.
    private static func lengthOfSpace(_ text: [UInt8], _ at: Int) -> Int {
        let byte = text[at]
        if byte < 0x80 { return isSpace(byte) ? 1 : 0 }
        guard byte == 0xC2 || byte == 0xE1 || byte == 0xE2 || byte == 0xE3, at + 1 < text.count else { return 0 }
        let second = text[at + 1]
        if byte == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : 0 }
        guard at + 2 < text.count else { return 0 }
        switch (byte, second, text[at + 2]) {
        case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8), (0xE2, 0x80, 0xA9), (0xE2, 0x80, 0xAF),
            (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
            return 3
        default: return 0
        }
    }
}
