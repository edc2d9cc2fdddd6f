extension JSONScanner {
    /// Reads a number.
    public mutating func number(_ bytes: Span<UInt8>) throws(JSONFault) -> Double {
        let start = position
        // Up to 15 digits and powers of ten up to 10^22 are exact doubles, so one division rounds correctly.
        var (mantissa, digits, fraction): (UInt64, Int, Int) = (0, 0, 0)
        let isNegative = position < bytes.count && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        guard let first = digit(bytes) else { throw fault("a value") }
        while let next = digit(bytes) {
            mantissa = mantissa &* 10 &+ next
            digits += 1
            position += 1
            if first == 0 { break }
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            if digit(bytes) == nil { throw fault("a digit behind '.'") }
            while let next = digit(bytes) {
                mantissa = mantissa &* 10 &+ next
                digits += 1
                fraction += 1
                position += 1
            }
        }
        var hasExponent = false
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            hasExponent = true
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            if digit(bytes) == nil { throw fault("a digit in the exponent") }
            while digit(bytes) != nil { position += 1 }
        }
        if !hasExponent, digits <= 15 {
            let value = Double(mantissa) / JSONScanner.powersOfTen[fraction]
            return isNegative ? -value : value
        }
        guard let value = Double(text(bytes, start..<position)) else { throw fault("a number") }
        return value
    }

    /// Steps over any value, and checks it as if it were read.
    ///
    /// - Returns: Where the value is.
    @discardableResult
    public mutating func skipValue(_ bytes: Span<UInt8>, depth: Int = 0) throws(JSONFault) -> Range<Int> {
        skipSpace(bytes)
        let start = position
        guard position < bytes.count else { throw fault("a value") }
        if depth > JSONScanner.maximumDepth { throw fault("at most \(JSONScanner.maximumDepth) nested values") }
        switch bytes[position] {
        case UInt8(ascii: "\""):
            try skipString(bytes)
        case UInt8(ascii: "{"):
            var more = try beginObject(bytes)
            while more {
                skipSpace(bytes)
                guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                    throw fault("a member name in quotes")
                }
                try skipString(bytes)
                try expect(UInt8(ascii: ":"), "':'", bytes)
                try skipValue(bytes, depth: depth + 1)
                more = try nextMember(bytes)
            }
        case UInt8(ascii: "["): try skipArray(bytes, depth: depth)
        case UInt8(ascii: "t"): try skipWord("true", bytes)
        case UInt8(ascii: "f"): try skipWord("false", bytes)
        case UInt8(ascii: "n"): try skipWord("null", bytes)
        default: _ = try number(bytes)
        }
        return start..<position
    }

    private mutating func skipString(_ bytes: Span<UInt8>) throws(JSONFault) {
        let end = endOfPlainText(bytes, from: position + 1)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            position = end + 1
        } else {
            _ = try string(bytes)
        }
    }

    private mutating func skipArray(_ bytes: Span<UInt8>, depth: Int) throws(JSONFault) {
        position += 1
        skipSpace(bytes)
        if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            try skipValue(bytes, depth: depth + 1)
            skipSpace(bytes)
            guard position < bytes.count else { throw fault("',' or ']'") }
            let byte = bytes[position]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { throw fault("',' or ']'") }
            position += 1
            if byte == UInt8(ascii: "]") { return }
        }
    }

    mutating func skipWord(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONFault) {
        for expected in "\(word)".utf8 {
            guard position < bytes.count, bytes[position] == expected else { throw fault("'\(word)'") }
            position += 1
        }
    }

    private func digit(_ bytes: Span<UInt8>) -> UInt64? {
        guard position < bytes.count else { return nil }
        let value = bytes[position] &- UInt8(ascii: "0")
        return value < 10 ? UInt64(value) : nil
    }

    private static let powersOfTen: [Double] = [
        1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
    ]
}
