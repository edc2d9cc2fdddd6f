import ByteStrings

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
    public init?(_ bytes: [UInt8]) {
        guard let tree = unsafe bytes.withUnsafeBytes({ unsafe JSONTree($0) }) else { return nil }
        self = tree
    }

    /// The tree of a whole text; nil when it is no JSON in UTF-8.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        var parser = unsafe JSONParser(bytes: bytes.bindMemory(to: UInt8.self))
        guard let tree = parser.document() else { return nil }
        self = tree
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
    mutating func set(_ key: String, _ value: JSONTree) {
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

/// Reads one JSON text; nil stands for anything that is not JSON.
///
/// Marked safe because whoever makes one, in an expression marked unsafe, lends it the memory for as long as it lives.
@safe private struct JSONParser {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// Deeper nesting would exhaust the stack.
    private static let maximumDepth = 256

    init(bytes: UnsafeBufferPointer<UInt8>) { unsafe self.bytes = unsafe bytes }

    mutating func document() -> JSONTree? {
        guard let tree = value(depth: 0) else { return nil }
        skipSpace()
        return unsafe position == bytes.count ? tree : nil
    }

    private mutating func value(depth: Int) -> JSONTree? {
        skipSpace()
        guard unsafe position < bytes.count, depth < Self.maximumDepth else { return nil }
        switch unsafe bytes[position] {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return take("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return take("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return take("null") ? .null : nil
        case UInt8(ascii: "N"): return take("NaN") ? .number(.nan) : nil
        case UInt8(ascii: "I"): return take("Infinity") ? .number(.infinity) : nil
        default: return take("-Infinity") ? .number(-.infinity) : number()
        }
    }

    private mutating func object(depth: Int) -> JSONTree? {
        var members: [(key: String, value: JSONTree)] = []
        position += 1
        if takeByte("}") { return .object(members) }
        repeat {
            skipSpace()
            guard let key = string(), takeByte(":"), let value = value(depth: depth + 1) else { return nil }
            members.append((key, value))
        } while takeByte(",")
        return takeByte("}") ? .object(members) : nil
    }

    private mutating func array(depth: Int) -> JSONTree? {
        var elements: [JSONTree] = []
        position += 1
        if takeByte("]") { return .array(elements) }
        repeat {
            guard let element = value(depth: depth + 1) else { return nil }
            elements.append(element)
        } while takeByte(",")
        return takeByte("]") ? .array(elements) : nil
    }

    private mutating func number() -> JSONTree? {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        let isZero = peek == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(isZero && whole > 1) else { return nil }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { return nil }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            guard digits() > 0 else { return nil }
        }
        // Overflow reads as infinity, as Python reads it.
        return unsafe Double(String(decoding: bytes[start..<position], as: UTF8.self)).map { .number($0) }
    }

    private mutating func digits() -> Int {
        let start = position
        while unsafe position < bytes.count, unsafe bytes[position] &- 0x30 < 10 { position += 1 }
        return position - start
    }

    private var peek: UInt8? { unsafe position < bytes.count ? bytes[position] : nil }

    private mutating func string() -> String? {
        guard peek == UInt8(ascii: "\"") else { return nil }
        position += 1
        let start = position
        var isPlain = true
        while unsafe position < bytes.count, unsafe bytes[position] != UInt8(ascii: "\"") {
            guard unsafe bytes[position] >= 0x20 else { return nil }
            if unsafe bytes[position] == UInt8(ascii: "\\") {
                isPlain = false
                position += 1
            }
            position += 1
        }
        guard unsafe position < bytes.count else { return nil }
        defer { position += 1 }
        let raw = unsafe UnsafeBufferPointer(rebasing: bytes[start..<position])
        return unsafe isPlain ? String(validating: raw, as: UTF8.self) : JSONEscapes.text(raw)
    }

    private mutating func take(_ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard unsafe position + count <= bytes.count else { return false }
        let expected = unsafe UnsafeBufferPointer(start: word.utf8Start, count: count)
        guard unsafe bytes[position..<position + count].elementsEqual(expected) else { return false }
        position += count
        return true
    }

    private mutating func takeByte(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while unsafe position < bytes.count, unsafe [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }
}
