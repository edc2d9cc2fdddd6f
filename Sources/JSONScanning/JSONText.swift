/// Writes strings as JSON.
public enum JSONText {
    /// The string in quotes, with the escapes that JSON demands.
    /// - Complexity: O(bytes); what needs no escape is copied in runs.
    public static func quoted(_ string: String) -> String {
        var text = ""
        text.reserveCapacity(string.utf8.count + string.utf8.count / 16 + 8)
        append(string, to: &text)
        return text
    }

    /// The same behind other JSON.
    public static func append(_ string: String, to text: inout String) {
        let bytes = string.utf8Span.span
        text += "\""
        guard var place = escaped(bytes, from: 0) else {
            text += string
            text += "\""
            return
        }
        var start = string.startIndex
        var position = 0
        while true {
            let end = string.utf8.index(start, offsetBy: place - position)
            text += string[start..<end]
            text += escape(bytes[place])
            start = string.utf8.index(after: end)
            position = place + 1
            guard let next = escaped(bytes, from: position) else { break }
            place = next
        }
        text += string[start...]
        text += "\""
    }

    /// The next byte that needs an escape.
    private static func escaped(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        var place = start
        // Eight at a time: texts are long, and what needs an escape is rare.
        while place + 8 <= bytes.count {
            // Safe: every pattern is a number, and the place is checked.
            let eight = unsafe bytes.bytes.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
            if holdsEscaped(eight) { break }
            place += 8
        }
        for place in place..<bytes.count where isEscaped(bytes[place]) { return place }
        return nil
    }

    /// Whether one of eight bytes may need an escape; never no where one does.
    ///
    /// A byte below `n` ≤ 128 makes the high bit of `x − n` where `x` has none, and a zero byte that of `x − 1`.
    private static func holdsEscaped(_ eight: UInt64) -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let (quotes, slashes) = (eight ^ (ones &* 0x22), eight ^ (ones &* 0x5C))
        let found = ((eight &- ones &* 0x20) & ~eight) | ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
        return found & (ones &* 0x80) != 0
    }

    private static func isEscaped(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case UInt8(ascii: "\""): return "\\\""
        case UInt8(ascii: "\\"): return "\\\\"
        case UInt8(ascii: "\n"): return "\\n"
        case UInt8(ascii: "\r"): return "\\r"
        case UInt8(ascii: "\t"): return "\\t"
        default:
            let digits = String(byte, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }
}
