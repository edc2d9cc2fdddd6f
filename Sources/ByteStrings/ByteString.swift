public import Glibc

/// A text that equals another only when their UTF-8 bytes are the same: the key of every table of ids, tokens and terms.
///
///     var seen: Set<ByteString> = []
///     seen.insert("caf\u{E9}")
///     seen.contains("cafe\u{301}")     // false, where a Set<String> says true
///
/// Swift's `String` compares by canonical equivalence (Unicode Standard Annex 15). Lucene, trec_eval, tokenizers and file
/// systems compare bytes, and so does Apus: two spellings are two ids and two terms. The order is that of the bytes, too.
public struct ByteString: Sendable {
    /// The text.
    public let string: String

    /// The text as a key.
    @inlinable public init(_ string: String) { self.string = string }
}

extension ByteString: Hashable, Comparable {
    /// Whether the bytes are the same.
    @inlinable public static func == (a: ByteString, b: ByteString) -> Bool {
        let (a, b) = (a.string.utf8, b.string.utf8)
        guard a.count == b.count else { return false }
        // Safe: memcmp reads as many bytes as both have.
        let same = unsafe a.withContiguousStorageIfAvailable { first in
            unsafe b.withContiguousStorageIfAvailable { second in
                guard let x = first.baseAddress, let y = second.baseAddress else { return true }
                return unsafe memcmp(x, y, first.count) == 0
            } ?? nil
        }
        return (same ?? nil) ?? a.elementsEqual(b)
    }

    /// Hashes the bytes.
    @inlinable public func hash(into hasher: inout Hasher) {
        // Safe: the hasher reads the bytes during the call only.
        let done: Void? = unsafe string.utf8.withContiguousStorageIfAvailable {
            unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if done == nil { for byte in string.utf8 { hasher.combine(byte) } }
        hasher.combine(0xFF as UInt8)
    }

    /// By bytes, ascending: the order of docids among equal scores is its reverse.
    @inlinable public static func < (a: ByteString, b: ByteString) -> Bool {
        a.string.utf8.lexicographicallyPrecedes(b.string.utf8)
    }
}

extension ByteString: ExpressibleByStringLiteral, CustomStringConvertible {
    /// A literal as a key.
    @inlinable public init(stringLiteral value: String) { string = value }
    /// The text.
    public var description: String { string }
}

/// A dictionary with such keys is a JSON object, as with `String`.
extension ByteString: Codable, CodingKeyRepresentable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads a JSON string.
    public init(from decoder: any Decoder) throws { string = try decoder.singleValueContainer().decode(String.self) }

    /// Writes a JSON string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(string)
    }

    /// The text.
    public var codingKey: any CodingKey { Key(stringValue: string) }

    /// A key of a JSON object.
    public init?<T: CodingKey>(codingKey: T) { string = codingKey.stringValue }
}
