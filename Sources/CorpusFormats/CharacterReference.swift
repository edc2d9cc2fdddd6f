import ByteStrings

/// HTML's character references, `&eacute;` `&#233;` `&#xE9;`, decoded as the standard says: also those without a semicolon that
/// old pages have, and numbers of Windows-1252.
///
/// The rules, and the answers in the tests, are those of Python's `html.unescape`; only TREC's own `&hyph;` comes to it.
enum CharacterReference {
    /// Appends what the reference at `ampersand` stands for; what is none is appended as it is.
    ///
    /// - Returns: The place behind what was read.
    /// - Complexity: O(1), at most 40 bytes are looked at, or the digits of a number.
    static func decode(_ bytes: [UInt8], at ampersand: Int, end: Int, into text: inout [UInt8]) -> Int {
        let start = ampersand + 1
        if start < end, bytes[start] == UInt8(ascii: "#") {
            if let (scalar, next) = number(bytes, from: start + 1, end) {
                if let scalar { text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
                return next
            }
        } else if let (value, next) = named(bytes, start, end) {
            text.append(contentsOf: value.utf8)
            return next
        }
        text.append(UInt8(ascii: "&"))
        return start
    }

    private static func named(_ bytes: [UInt8], _ start: Int, _ end: Int) -> (value: String, next: Int)? {
        var last = start
        while last < end, last - start < 32, isAlphanumeric(bytes[last]) { last += 1 }
        guard last - start >= 2 else { return nil }
        func entry(_ range: Range<Int>) -> Entry? { entries[ByteString(String(decoding: bytes[range], as: UTF8.self))] }
        if let entry = entry(start..<last) {
            if last < end, bytes[last] == UInt8(ascii: ";") { return (entry.value, last + 1) }
            if entry.isBare { return (entry.value, last) }
        }
        // Names that need no semicolon have at most six letters; the longest counts.
        for place in stride(from: min(last - 1, start + 6), to: start + 1, by: -1) {
            if let entry = entry(start..<place), entry.isBare { return (entry.value, place) }
        }
        return nil
    }

    /// - Returns: The character, or nil for one that means nothing, and the place behind; nil when there is no number.
    private static func number(_ bytes: [UInt8], from: Int, _ end: Int) -> (scalar: Unicode.Scalar?, next: Int)? {
        let isHexadecimal = from < end && bytes[from] | 0x20 == UInt8(ascii: "x")
        let start = isHexadecimal ? from + 1 : from
        var (code, next): (UInt32, Int) = (0, start)
        while next < end, let digit = Character(Unicode.Scalar(bytes[next])).hexDigitValue, isHexadecimal || digit < 10
        {
            code = min(code * (isHexadecimal ? 16 : 10) + UInt32(digit), 0x110000)
            next += 1
        }
        if next == start { return nil }
        if next < end, bytes[next] == UInt8(ascii: ";") { next += 1 }
        switch code {
        case 0, 0xD800...0xDFFF, 0x110000...: return ("\u{FFFD}", next)
        case 0x80...0x9F: return (Unicode.Scalar(UInt32(windows[Int(code) - 0x80])), next)
        case 0x09, 0x0A, 0x0C, 0x0D: return (Unicode.Scalar(code), next)
        case 0x01...0x1F, 0x7F, 0xFDD0...0xFDEF: return (nil, next)
        default: return (code & 0xFFFE == 0xFFFE ? nil : Unicode.Scalar(code), next)
        }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26 }

    /// What Windows-1252 has at 0x80…0x9F.
    static let windows: [UInt16] = [
        0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,
        0x017D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153,
        0x9D,
        0x017E, 0x0178,
    ]

    private struct Entry {
        let value: String
        /// Whether the semicolon may be missing.
        let isBare: Bool
    }

    /// Made from the table when the first name is met.
    private static let entries: [ByteString: Entry] = {
        var entries: [ByteString: Entry] = ["hyph": Entry(value: "-", isBare: false)]
        entries.reserveCapacity(2200)
        for entry in CharacterReferenceTable.text.split(separator: " ") {
            guard let mark = entry.firstIndex(where: { $0 == ":" || $0 == "!" }) else { continue }
            let codes = entry[entry.index(after: mark)...].split(separator: "+")
            let scalars = codes.compactMap { UInt32($0, radix: 16).flatMap(Unicode.Scalar.init) }
            var value = ""
            value.unicodeScalars.append(contentsOf: scalars)
            entries[ByteString(String(entry[..<mark]))] = Entry(value: value, isBare: entry[mark] == "!")
        }
        return entries
    }()
}
