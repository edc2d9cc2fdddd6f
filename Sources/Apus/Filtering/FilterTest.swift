import ByteStrings
import CorpusFormats

/// One test of a filter, ready to be asked of many documents.
struct FilterTest {
    private enum Kind {
        case compare(Filter.Comparison, MetadataScalar)
        case isOne(Set<MetadataScalar>)
        case hasPrefix([UInt8])
        case exists
        case contains(MetadataScalar)
        case never
    }

    let field: MetadataPath
    private let kind: Kind

    /// - Parameter test: One of ``Filter/tests``.
    init(_ test: Filter) {
        field = test.field ?? .id
        kind =
            switch test {
            case .compare(_, let comparison, let value): .compare(comparison, value)
            case .isOne(_, let values): .isOne(Set(values))
            case .hasPrefix(_, let prefix): .hasPrefix(Array(prefix.string.utf8))
            case .exists: .exists
            case .contains(_, let value): .contains(value)
            case .not, .all, .any: .never
            }
    }

    /// - Parameter value: What the document has in the field; nil for nothing.
    func holds(for value: MetadataValue?) -> Bool {
        guard let value else { return false }
        switch (kind, value) {
        case (.exists, let value): return value != .scalar(.null)
        case (.compare(.unequal, .null), let value): return value != .scalar(.null)
        case (.compare(let comparison, let wanted), .scalar(let found)):
            return Self.holds(found, comparison, wanted)
        case (.isOne(let wanted), .scalar(let found)): return wanted.contains(found)
        case (.hasPrefix(let prefix), .scalar(.text(let text))): return text.string.utf8.starts(with: prefix)
        case (.contains(let wanted), .scalar(let found)): return found == wanted
        case (.contains(let wanted), .array(let elements)): return elements.contains(wanted)
        default: return false
        }
    }

    private static func holds(
        _ found: MetadataScalar, _ comparison: Filter.Comparison, _ wanted: MetadataScalar
    ) -> Bool {
        switch comparison {
        case .equal: return found == wanted
        case .unequal: return found != wanted && found.isSameType(as: wanted)
        case .below: return found.precedes(wanted) ?? false
        case .above: return wanted.precedes(found) ?? false
        case .atMost: return wanted.precedes(found).map { !$0 } ?? false
        case .atLeast: return found.precedes(wanted).map { !$0 } ?? false
        }
    }
}
