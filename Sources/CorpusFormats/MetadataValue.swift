public import ByteStrings
import JSONScanning

/// A value that stands alone in JSON: everything but arrays and objects.
///
/// Equal numbers are equal values, however they are spelled: `2020`, `2020.0` and `2.02e3` are one integer.
public enum MetadataScalar: Sendable, Hashable {
    /// `null`
    case null
    /// `true` or `false`
    case truth(Bool)
    /// A whole number that fits 64 bits.
    case integer(Int64)
    /// Any other number; make it with ``number(_:)``.
    case real(Double)
    /// A string.
    case text(ByteString)

    /// A number in the one form that it has.
    public static func number(_ value: Double) -> MetadataScalar {
        Int64(exactly: value).map { .integer($0) } ?? .real(value)
    }

    /// Whether this comes before another value of the same type: numbers by size, texts by bytes.
    /// - Returns: nil for values of two types, and for those that have no order.
    public func precedes(_ other: MetadataScalar) -> Bool? {
        switch (self, other) {
        case (.integer(let a), .integer(let b)): a < b
        case (.real(let a), .real(let b)): a < b
        case (.integer(let a), .real(let b)): Self.isBelow(a, b)
        case (.real(let a), .integer(let b)): !Self.isBelow(b, a)
        case (.text(let a), .text(let b)): a < b
        default: nil
        }
    }

    /// Whether both are null, truth values, numbers or texts.
    public func isSameType(as other: MetadataScalar) -> Bool {
        switch (self, other) {
        case (.null, .null), (.truth, .truth), (.text, .text): true
        case (.integer, .integer), (.integer, .real), (.real, .integer), (.real, .real): true
        default: false
        }
    }

    /// Exact, also where a double cannot hold the integer; the two are never equal.
    private static func isBelow(_ integer: Int64, _ real: Double) -> Bool {
        guard let floor = Int64(exactly: real.rounded(.down)) else { return real > 0 }
        return integer <= floor
    }
}

extension MetadataScalar: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral
{
    /// A text.
    public init(stringLiteral value: String) { self = .text(ByteString(value)) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// A truth value.
    public init(booleanLiteral value: Bool) { self = .truth(value) }
}

extension MetadataScalar: CustomStringConvertible {
    /// As JSON.
    public var description: String {
        switch self {
        case .null: "null"
        case .truth(let value): value ? "true" : "false"
        case .integer(let value): "\(value)"
        case .real(let value): value.isInfinite ? (value > 0 ? "1e999" : "-1e999") : "\(value)"
        case .text(let text): JSONText.quoted(text.string)
        }
    }
}

/// What a member of a document's metadata holds.
public enum MetadataValue: Sendable, Equatable {
    /// A value that stands alone.
    case scalar(MetadataScalar)
    /// An array: those of its elements that stand alone.
    case array([MetadataScalar])
    /// An object.
    case object
}
