public import ByteStrings
public import CorpusFormats

/// Which documents count, by their metadata.
///
///     let filter = try Filter(parsing: #"year >= 2020 AND lang = "en" AND NOT tags : "draft""#)
///     let same: Filter = .all([
///         .compare("year", .atLeast, 2020), .compare("lang", .equal, "en"), .not(.contains("tags", "draft")),
///     ])
///     var options = SearchOptions()
///     options.filter = filter
///     let answer = try index.search("how do glaciers move", options)
///
/// A test is true or false, nothing between: it is false where the document lacks the field, and where the field has another type
/// than the value that it is compared with; `not` turns that round. So `NOT year = 2020` lets documents without a year through,
/// and `year != 2020` does not.
public indirect enum Filter: Sendable, Hashable {
    /// A field against a value.
    case compare(MetadataPath, Comparison, MetadataScalar)
    /// A field equals one of some values.
    case isOne(MetadataPath, of: [MetadataScalar])
    /// A field is a text that begins so, byte for byte.
    case hasPrefix(MetadataPath, ByteString)
    /// A field is there and not null; arrays and objects are.
    case exists(MetadataPath)
    /// A field is an array with an element that equals the value, or equals it itself.
    case contains(MetadataPath, MetadataScalar)
    /// What the other lets through does not count.
    case not(Filter)
    /// All of them; of none, every document.
    case all([Filter])
    /// At least one of them; of none, no document.
    case any([Filter])

    /// How a field and a value are compared: numbers by size, texts by bytes (so dates in ISO 8601 by time), false before true never.
    public enum Comparison: String, Sendable, Hashable, CaseIterable {
        /// The same number, text or truth value; null equals null.
        case equal = "="
        /// Another one of the same type; of null: anything that is there and not null.
        case unequal = "!="
        /// Numbers and texts only, as the others that follow.
        case below = "<"
        /// `<=`
        case atMost = "<="
        /// `>`
        case above = ">"
        /// `>=`
        case atLeast = ">="
    }

    /// The field that a test looks at; nil for `not`, `all` and `any`.
    var field: MetadataPath? {
        switch self {
        case .compare(let field, _, _), .isOne(let field, _), .hasPrefix(let field, _), .exists(let field),
            .contains(let field, _):
            field
        case .not, .all, .any: nil
        }
    }

    /// The distinct tests, in order.
    var tests: [Filter] {
        var tests: [Filter] = []
        var seen: Set<Filter> = []
        func visit(_ filter: Filter) {
            switch filter {
            case .not(let other): visit(other)
            case .all(let parts), .any(let parts): for part in parts { visit(part) }
            default: if seen.insert(filter).inserted { tests.append(filter) }
            }
        }
        visit(self)
        return tests
    }
}
