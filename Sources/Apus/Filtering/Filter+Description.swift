import ByteStrings
import CorpusFormats

extension Filter: CustomStringConvertible {
    /// A text that reads as this filter: parsing it gives the same, but for lists of one part.
    public var description: String { text(inside: .any) }

    private enum Level: Int { case any, all, part }

    private func text(inside level: Level) -> String {
        switch self {
        case .compare(let field, let comparison, let value): "\(field) \(comparison.rawValue) \(value)"
        case .isOne(let field, let values):
            values.isEmpty ? "false" : "\(field) IN (\(values.map(\.description).joined(separator: ", ")))"
        case .hasPrefix(let field, let prefix): "\(field) ^= \(MetadataScalar.text(prefix))"
        case .exists(let field): "EXISTS \(field)"
        case .contains(let field, let value): "\(field) : \(value)"
        case .not(let other): "NOT \(other.text(inside: .part))"
        case .all(let parts): Self.joined(parts, "AND", "true", .all, inside: level)
        case .any(let parts): Self.joined(parts, "OR", "false", .any, inside: level)
        }
    }

    private static func joined(
        _ parts: [Filter], _ word: String, _ none: String, _ own: Level, inside level: Level
    ) -> String {
        if parts.isEmpty { return none }
        if parts.count == 1 { return parts[0].text(inside: level) }
        let text = parts.map { $0.text(inside: own == .any ? .all : .part) }.joined(separator: " \(word) ")
        return level.rawValue > own.rawValue ? "(\(text))" : text
    }
}

/// Kept as its text.
extension Filter: Codable {
    /// Reads a text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do { self = try Filter(parsing: container.decode(String.self)) } catch let error as FilterError {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: error.description)
        }
    }

    /// Writes a text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
