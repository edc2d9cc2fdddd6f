/// Writes strings as JSON.
public enum JSONText {
    /// The string in quotes, with the escapes that JSON demands.
    /// - Complexity: O(bytes); what needs no escape is copied in runs.
    public static func quoted(_ string: String) -> String {
        let bytes = string.utf8Span.span
        guard var place = escaped(bytes, from: 0) else { return "\"" + string + "\"" }
        var text = "\""
        text.reserveCapacity(bytes.count + bytes.count / 16 + 8)
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
        return text + "\""
    }

    private static func escaped(_ bytes: Span<UInt8>, from start: Int) -> Int? {
        for place in start..<bytes.count where isEscaped(bytes[place]) { return place }
        return nil
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
