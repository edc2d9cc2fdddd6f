/// A place where bytes are not JSON, or not the JSON that was asked for.
public struct JSONFault: Error {
    /// The offset of the byte.
    public let position: Int
    /// What should stand there, in words.
    public let expected: String
    /// The member whose value is of another type; nil when the bytes are no JSON at all.
    public var member: String?
    /// What stands there instead, in words.
    public var found = ""
    /// Whether the member stands there twice, of which readers elsewhere take now the first, now the last.
    public var isRepeated = false

    /// A fault of bytes, or of a member's value.
    public init(
        position: Int, expected: String, member: String? = nil, found: String = "", isRepeated: Bool = false
    ) {
        self.position = position
        self.expected = expected
        self.member = member
        self.found = found
        self.isRepeated = isRepeated
    }

    /// The fault of a member that stands there twice.
    public static func repeated(_ member: String, at position: Int) -> JSONFault {
        JSONFault(position: position, expected: "it once", member: member, found: "there twice", isRepeated: true)
    }
}

/// Reads JSON out of bytes that are known to be UTF-8, member by member, without building a tree.
///
///     var more = try scanner.beginObject(bytes)
///     while more {
///         let key = try scanner.key(bytes)
///         …one of string, number, skipValue…
///         more = try scanner.nextMember(bytes)
///     }
///     try scanner.finish(bytes)
///
/// It accepts what RFC 8259 accepts, except lone surrogates in `\u` escapes, which no UTF-8 text can hold.
public struct JSONScanner: Sendable {
    /// The offset of the next byte to read.
    public var position = 0
    /// Deeper nesting is refused, so that hostile input cannot exhaust the stack.
    public static let maximumDepth = 512
    private var unescaped: [UInt8] = []
    /// More than this is never collected before it moves into the string, so that a huge text is not held once more.
    private static let piece = 1 << 16

    /// A scanner at the first byte.
    public init() {}

    /// Steps into an object.
    ///
    /// - Returns: Whether it has a member.
    public mutating func beginObject(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
        try expect(UInt8(ascii: "{"), "an object that starts with '{'", bytes)
        skipSpace(bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "}") else { return true }
        position += 1
        return false
    }

    /// Reads a member's name and the colon behind it.
    public mutating func key(_ bytes: Span<UInt8>) throws(JSONFault) -> String {
        skipSpace(bytes)
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw fault("a member name in quotes")
        }
        let key = try string(bytes)
        try expect(UInt8(ascii: ":"), "':'", bytes)
        skipSpace(bytes)
        return key
    }

    /// Steps over the comma to the next member, or out of the object.
    public mutating func nextMember(_ bytes: Span<UInt8>) throws(JSONFault) -> Bool {
        skipSpace(bytes)
        guard position < bytes.count else { throw fault("',' or '}'") }
        switch bytes[position] {
        case UInt8(ascii: ","):
            position += 1
            return true
        case UInt8(ascii: "}"):
            position += 1
            return false
        default: throw fault("',' or '}'")
        }
    }

    /// Checks that only white space is left.
    public mutating func finish(_ bytes: Span<UInt8>) throws(JSONFault) {
        skipSpace(bytes)
        if position < bytes.count { throw fault("the end of the line behind the object") }
    }

    /// Reads a string; the scanner stands at its opening quote.
    public mutating func string(_ bytes: Span<UInt8>) throws(JSONFault) -> String {
        position += 1
        let start = position
        position = endOfPlainText(bytes, from: position)
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            defer { position += 1 }
            return text(bytes, start..<position)
        }
        unescaped.removeAll(keepingCapacity: true)
        var string = ""
        append(bytes, start..<position, to: &string)
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                if string.isEmpty { return String(decoding: unescaped, as: UTF8.self) }
                string += String(decoding: unescaped, as: UTF8.self)
                return string
            case UInt8(ascii: "\\"):
                try unescape(bytes)
            default: throw fault("an escape instead of a control character in the string")
            }
            let start = position
            position = endOfPlainText(bytes, from: position)
            append(bytes, start..<position, to: &string)
        }
        throw fault("'\"' at the end of the string")
    }

    /// Reads the string that belongs to the member `key`.
    public mutating func string(_ bytes: Span<UInt8>, of key: String) throws(JSONFault) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw try wrongType(bytes, of: key, expected: "a string")
        }
        return try string(bytes)
    }

    /// Reads an id that belongs to the member `key`: a string, or a whole number of any size as it is spelled.
    public mutating func id(_ bytes: Span<UInt8>, of key: String) throws(JSONFault) -> String {
        let expected = "a string or a whole number"
        guard kind(bytes) == "a number" else {
            guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
                throw try wrongType(bytes, of: key, expected: expected)
            }
            return try string(bytes)
        }
        let start = position
        _ = try number(bytes)
        let spelled = text(bytes, start..<position)
        guard spelled.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }) else {
            throw JSONFault(position: start, expected: expected, member: key, found: "the number \(spelled)")
        }
        return spelled == "-0" ? "0" : spelled
    }

    /// Reads the string that belongs to the member `key`; nil for null, which many exports write for "none".
    public mutating func stringOrNull(_ bytes: Span<UInt8>, of key: String) throws(JSONFault) -> String? {
        guard kind(bytes) == "null" else { return try string(bytes, of: key) }
        try skipValue(bytes)
        return nil
    }

    /// The fault for a sound value of another type than `expected`.
    public mutating func wrongType(
        _ bytes: Span<UInt8>, of key: String, expected: String
    ) throws(JSONFault) -> JSONFault {
        let (start, found) = (position, kind(bytes))
        try skipValue(bytes)
        return JSONFault(position: start, expected: expected, member: key, found: found)
    }

    /// What kind of value the scanner stands at, in words for a message.
    public func kind(_ bytes: Span<UInt8>) -> String {
        guard position < bytes.count else { return "nothing" }
        switch bytes[position] {
        case UInt8(ascii: "\""): return "a string"
        case UInt8(ascii: "{"): return "an object"
        case UInt8(ascii: "["): return "an array"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return "a truth value"
        case UInt8(ascii: "n"): return "null"
        default: return "a number"
        }
    }

    /// Steps over white space.
    public mutating func skipSpace(_ bytes: Span<UInt8>) {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Steps over white space and this byte.
    public mutating func expect(_ byte: UInt8, _ what: String, _ bytes: Span<UInt8>) throws(JSONFault) {
        skipSpace(bytes)
        guard position < bytes.count, bytes[position] == byte else { throw fault(what) }
        position += 1
    }

    /// The fault of the byte at hand.
    public func fault(_ expected: String) -> JSONFault { JSONFault(position: position, expected: expected) }

    /// The first quote, backslash or control character at or behind `from`, eight bytes at a time.
    ///
    /// `(x − n·0x01…) & ~x & 0x80…` marks bytes below n; a borrow can spoil only bytes above a marked one, and the lowest
    /// mark is the one taken.
    func endOfPlainText(_ bytes: Span<UInt8>, from: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        let raw = unsafe bytes.bytes
        var index = from
        while index + 8 <= bytes.count {
            // Safe: the eight bytes lie inside the span.
            let word = unsafe UInt64(
                littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quote = word ^ (ones &* 0x22)
            let slash = word ^ (ones &* 0x5C)
            let marks =
                ((quote &- ones) & ~quote | (slash &- ones) & ~slash | (word &- ones &* 0x20) & ~word) & highs
            if marks != 0 { return index + marks.trailingZeroBitCount >> 3 }
            index += 8
        }
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { return index }
            index += 1
        }
        return index
    }

    func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        // Safe: the pointer is used inside the closure only.
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Appends to `unescaped`; what is large moves on into `string`, piece by piece, cut between characters.
    private mutating func append(_ bytes: Span<UInt8>, _ range: Range<Int>, to string: inout String) {
        var rest = range
        while unescaped.count + rest.count > JSONScanner.piece {
            if string.isEmpty { string.reserveCapacity(unescaped.count + bytes.count - rest.lowerBound) }
            string += String(decoding: unescaped, as: UTF8.self)
            unescaped.removeAll(keepingCapacity: true)
            var cut = min(rest.upperBound, rest.lowerBound + JSONScanner.piece)
            while cut < rest.upperBound, bytes[cut] & 0xC0 == 0x80 { cut -= 1 }
            string += text(bytes, rest.lowerBound..<cut)
            rest = cut..<rest.upperBound
        }
        // Safe: the pointer is used inside the closure only.
        unsafe bytes.extracting(rest).withUnsafeBufferPointer { unsafe unescaped.append(contentsOf: $0) }
    }

    /// Reads one escape; the scanner stands at its backslash.
    private mutating func unescape(_ bytes: Span<UInt8>) throws(JSONFault) {
        guard position + 1 < bytes.count else { throw fault("an escape behind '\\'") }
        let escape = bytes[position + 1]
        let plain: UInt8? =
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): escape
            case UInt8(ascii: "b"): 0x08
            case UInt8(ascii: "f"): 0x0C
            case UInt8(ascii: "n"): 0x0A
            case UInt8(ascii: "r"): 0x0D
            case UInt8(ascii: "t"): 0x09
            default: nil
            }
        if let plain {
            unescaped.append(plain)
            position += 2
            return
        }
        guard escape == UInt8(ascii: "u") else {
            throw fault("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
        }
        var code = try hexadecimal(bytes, at: position + 2)
        var length = 6
        if code & 0xFC00 == 0xD800 {
            guard position + 7 < bytes.count, bytes[position + 6] == 0x5C, bytes[position + 7] == UInt8(ascii: "u")
            else {
                throw fault("the second half of a surrogate pair")
            }
            let low = try hexadecimal(bytes, at: position + 8)
            guard low & 0xFC00 == 0xDC00 else { throw fault("the second half of a surrogate pair") }
            code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            length = 12
        }
        guard let scalar = Unicode.Scalar(code) else { throw fault("the first half of a surrogate pair") }
        unescaped.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        position += length
    }

    private func hexadecimal(_ bytes: Span<UInt8>, at start: Int) throws(JSONFault) -> UInt32 {
        guard start + 4 <= bytes.count else { throw fault("four hexadecimal digits behind '\\u'") }
        var code: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = Character(Unicode.Scalar(bytes[index])).hexDigitValue, bytes[index] < 0x80 else {
                throw fault("four hexadecimal digits behind '\\u'")
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
