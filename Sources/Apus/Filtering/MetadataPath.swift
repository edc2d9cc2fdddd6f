public import ByteStrings

/// The name of a field: the members of a document's metadata that lead to it, outermost first.
///
/// `id` and `title` are the document's own, where it has a title. Any other is looked for in the member `metadata`, then beside it.
public struct MetadataPath: Sendable, Hashable {
    /// The names, at least one.
    public let names: [ByteString]

    /// A path through objects.
    public init(_ first: ByteString, _ others: ByteString...) { names = [first] + others }

    /// A path through objects; nil without a name.
    public init?(_ names: [ByteString]) {
        guard !names.isEmpty else { return nil }
        self.names = names
    }

    /// - Parameter names: At least one.
    init(names: [ByteString]) { self.names = names }

    /// The field `id`.
    public static let id = MetadataPath("id")
    /// The field `title`.
    public static let title = MetadataPath("title")
}

extension MetadataPath: ExpressibleByStringLiteral {
    /// One name, also when it has dots in it.
    public init(stringLiteral name: String) { self.init(ByteString(name)) }
}

extension MetadataPath: CustomStringConvertible {
    /// As a filter spells it.
    public var description: String { names.map(Self.spelled).joined(separator: ".") }

    private static func spelled(_ name: ByteString) -> String {
        let scalars = name.string.unicodeScalars
        let isPlain =
            scalars.first.map(FilterParser.beginsName) ?? false
            && scalars.allSatisfy(FilterParser.continuesName) && !FilterParser.isKeyword(name.string)
        if isPlain { return name.string }
        return "`" + name.string.replacing("`", with: "``") + "`"
    }
}
