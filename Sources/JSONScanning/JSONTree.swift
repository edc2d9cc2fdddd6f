/// A JSON text as a tree whose keys are told apart by their bytes.
///
/// Foundation's dictionaries take canonically equal keys for one, so of two spellings of a token one would be lost. As Python
/// does, it reads `NaN` and `Infinity`, which JSON does not have, so that whoever asks for a number can refuse them by name.
public enum JSONTree: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONTree])
    /// The members in the order of the text; of two with one key the last one counts.
    case object([(key: String, value: JSONTree)])

    /// The tree of a whole text; nil when it is no JSON in UTF-8.
    /// - Complexity: O(bytes), and O(members) for each look-up of a key.
    public init?(_ bytes: [UInt8]) { self.init(bytes.span) }

    /// The tree of a whole text; nil when it is no JSON in UTF-8.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        // Safe: the span does not outlive the call.
        self.init(unsafe Span(_unsafeElements: bytes.bindMemory(to: UInt8.self)))
    }

    /// The tree of a whole text; nil when it is no JSON in UTF-8.
    public init?(_ bytes: Span<UInt8>) {
        guard (try? UTF8Span(validating: bytes)) != nil else { return nil }
        var scanner = JSONScanner()
        do throws(JSONFault) {
            self = try Self.value(&scanner, bytes, depth: 0)
            try scanner.finish(bytes)
        } catch {
            return nil
        }
    }

    /// The value of a member that is there and not null.
    public subscript(key: String) -> JSONTree? {
        guard case .object(let members) = self,
            let found = members.last(where: { $0.key.utf8.elementsEqual(key.utf8) })?.value
        else { return nil }
        if case .null = found { return nil }
        return found
    }

    /// The members of an object.
    public var members: [(key: String, value: JSONTree)]? {
        if case .object(let members) = self { members } else { nil }
    }

    /// The elements of an array.
    public var elements: [JSONTree]? { if case .array(let elements) = self { elements } else { nil } }

    /// A string.
    public var string: String? { if case .string(let text) = self { text } else { nil } }

    /// A truth value.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// A number, perhaps NaN or infinite.
    public var number: Double? { if case .number(let value) = self { value } else { nil } }

    /// A whole number that fits.
    public var integer: Int? { number.flatMap { Int(exactly: $0) } }

    /// Sets a member, in its old place where there is one.
    package mutating func set(_ key: String, _ value: JSONTree) {
        var members = members ?? []
        let place = members.lastIndex { $0.key.utf8.elementsEqual(key.utf8) }
        if let place { members[place].value = value } else { members.append((key, value)) }
        self = .object(members)
    }

    /// What stands there, for a message.
    public var label: String {
        switch self {
        case .null: "null"
        case .bool(let value): "\(value)"
        case .number(let value): Int(exactly: value).map { "\($0)" } ?? "\(value)"
        case .string(let text): "'\(text)'"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSONTree {
    /// Deeper nesting would exhaust the stack.
    private static let maximumDepth = 256

    private static func value(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONFault) -> JSONTree {
        scanner.skipSpace(bytes)
        guard scanner.position < bytes.count else { throw scanner.fault("a value") }
        guard depth < maximumDepth else { throw scanner.fault("at most \(maximumDepth) nested values") }
        switch bytes[scanner.position] {
        case UInt8(ascii: "{"): return .object(try members(&scanner, bytes, depth: depth))
        case UInt8(ascii: "["): return .array(try elements(&scanner, bytes, depth: depth))
        case UInt8(ascii: "\""): return .string(try scanner.string(bytes))
        case UInt8(ascii: "t"): return try word("true", .bool(true), &scanner, bytes)
        case UInt8(ascii: "f"): return try word("false", .bool(false), &scanner, bytes)
        case UInt8(ascii: "n"): return try word("null", .null, &scanner, bytes)
        case UInt8(ascii: "N"): return try word("NaN", .number(.nan), &scanner, bytes)
        case UInt8(ascii: "I"): return try word("Infinity", .number(.infinity), &scanner, bytes)
        case UInt8(ascii: "-")
        where scanner.position + 1 < bytes.count && bytes[scanner.position + 1] == UInt8(ascii: "I"):
            return try word("-Infinity", .number(-.infinity), &scanner, bytes)
        // Overflow reads as infinity, as Python reads it.
        default: return .number(try scanner.number(bytes))
        }
    }

    private static func word(
        _ word: StaticString, _ value: JSONTree, _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(JSONFault) -> JSONTree {
        try scanner.skipWord(word, bytes)
        return value
    }

    private static func members(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONFault) -> [(key: String, value: JSONTree)] {
        var members: [(key: String, value: JSONTree)] = []
        var more = try scanner.beginObject(bytes)
        while more {
            let key = try scanner.key(bytes)
            members.append((key, try value(&scanner, bytes, depth: depth + 1)))
            more = try scanner.nextMember(bytes)
        }
        return members
    }

    private static func elements(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>, depth: Int
    ) throws(JSONFault) -> [JSONTree] {
        var elements: [JSONTree] = []
        scanner.position += 1
        scanner.skipSpace(bytes)
        if scanner.position < bytes.count, bytes[scanner.position] == UInt8(ascii: "]") {
            scanner.position += 1
            return elements
        }
        while true {
            elements.append(try value(&scanner, bytes, depth: depth + 1))
            scanner.skipSpace(bytes)
            guard scanner.position < bytes.count else { throw scanner.fault("',' or ']'") }
            let byte = bytes[scanner.position]
            guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else { throw scanner.fault("',' or ']'") }
            scanner.position += 1
            if byte == UInt8(ascii: "]") { return elements }
        }
    }
}
