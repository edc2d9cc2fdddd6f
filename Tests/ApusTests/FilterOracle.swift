import Apus
import ApusTestSupport
import ByteStrings
import CorpusFormats

/// The slow twin of filters: documents as trees that never were JSON, and what a filter says of them, word for word after the article
/// *Filters*.
enum FilterOracle {
    /// A JSON value.
    indirect enum Node {
        case scalar(MetadataScalar)
        case array([Node])
        case object([(name: String, value: Node)])

        var scalar: MetadataScalar? {
            if case .scalar(let value) = self { return value }
            return nil
        }

        func member(_ names: ArraySlice<ByteString>) -> Node? {
            guard let first = names.first else { return self }
            guard case .object(let members) = self else { return nil }
            return members.first { ByteString($0.name) == first }?.value.member(names.dropFirst())
        }

        /// Spelled as JSON, texts and names with escapes here and there.
        func json(_ random: inout SplitMix64) -> String {
            switch self {
            case .scalar(.text(let text)): return Self.quoted(text.string, &random)
            case .scalar(.integer(let value)) where value.magnitude < 1 << 50 && random.next() % 4 == 0:
                return random.next() % 2 == 0 ? "\(value).0" : "\(value)e0"
            case .scalar(let value): return value.description
            case .array(let elements):
                return "[" + elements.map { $0.json(&random) }.joined(separator: ", ") + "]"
            case .object(let members):
                let texts = members.map { Self.quoted($0.name, &random) + " : " + $0.value.json(&random) }
                return "{" + texts.joined(separator: ",") + "}"
            }
        }

        private static func quoted(_ text: String, _ random: inout SplitMix64) -> String {
            var out = "\""
            for unit in text.utf16 {
                let isPlain = unit >= 0x20 && unit < 0x7F && unit != 0x22 && unit != 0x5C
                if isPlain, random.next() % 8 > 0 {
                    out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
                } else {
                    let digits = String(unit, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                }
            }
            return out + "\""
        }
    }

    /// One document.
    struct Document {
        let id: String
        let title: String
        let members: Node

        func value(_ field: MetadataPath) -> Node? {
            if field == .id { return .scalar(.text(ByteString(id))) }
            if field == .title, !title.isEmpty { return .scalar(.text(ByteString(title))) }
            return members.member((["metadata"] + field.names)[...]) ?? members.member(field.names[...])
        }

        func fits(_ filter: Filter) -> Bool {
            switch filter {
            case .not(let other): return !fits(other)
            case .all(let parts): return parts.allSatisfy { fits($0) }
            case .any(let parts): return parts.contains { fits($0) }
            case .exists(let field):
                guard let value = value(field) else { return false }
                return value.scalar != .null
            case .compare(let field, .unequal, .null): return fits(.exists(field))
            case .compare(let field, let comparison, let wanted):
                guard let found = value(field)?.scalar, let order = order(found, wanted) else { return false }
                return switch comparison {
                case .equal: order == 0
                case .unequal: order != 0
                case .below: order < 0 && isOrdered(found)
                case .atMost: order <= 0 && isOrdered(found)
                case .above: order > 0 && isOrdered(found)
                case .atLeast: order >= 0 && isOrdered(found)
                }
            case .isOne(let field, let values): return values.contains { fits(.compare(field, .equal, $0)) }
            case .hasPrefix(let field, let prefix):
                guard case .text(let text) = value(field)?.scalar else { return false }
                return Array(text.string.utf8).starts(with: Array(prefix.string.utf8))
            case .contains(let field, let wanted):
                guard case .array(let elements) = value(field) else { return fits(.compare(field, .equal, wanted)) }
                return elements.contains { $0.scalar.map { order($0, wanted) == 0 } ?? false }
            }
        }

        private func isOrdered(_ value: MetadataScalar) -> Bool {
            switch value {
            case .null, .truth: false
            case .integer, .real, .text: true
            }
        }

        /// Below 0, 0 or above; nil for two types. Numbers are multiples of 1/4 below 10³⁰ here.
        private func order(_ a: MetadataScalar, _ b: MetadataScalar) -> Int? {
            func number(_ value: MetadataScalar) -> Int128? {
                switch value {
                case .integer(let value): Int128(value) * 4
                case .real(let value): Int128(value * 4)
                default: nil
                }
            }
            if let x = number(a), let y = number(b) { return x < y ? -1 : x > y ? 1 : 0 }
            switch (a, b) {
            case (.null, .null): return 0
            case (.truth(let x), .truth(let y)): return x == y ? 0 : 1
            case (.text(let x), .text(let y)):
                let (x, y) = (Array(x.string.utf8), Array(y.string.utf8))
                return x == y ? 0 : x.lexicographicallyPrecedes(y) ? -1 : 1
            default: return nil
            }
        }
    }

    static let fields: [MetadataPath] = [
        "year", "lang", "tags", "größe", "a b.c", MetadataPath("a", "b"), MetadataPath("a", "b", "c"), .id, .title,
        MetadataPath("metadata", "year"), "absent",
    ]

    private static let scalars: [MetadataScalar] = [
        .null, true, false, 0, 1, -1, 2019, 2020, 2021, 2020.5, -0.25, 1e20, -1e25, .integer(.max), .integer(.min),
        .integer(9_007_199_254_740_993), .integer(9_007_199_254_740_992), .number(9_223_372_036_854_775_808), "", "en",
        "de",
        "en-GB", "caf\u{E9}", "cafe\u{301}", "nul\u{0}behind", "nul", "2020-01-31", "2020-02", "🦉", "d1", "d17", "true",
        "2020",
        "it's \"quoted\" \\ `so`",
    ]

    static func scalar(_ random: inout SplitMix64) -> MetadataScalar {
        scalars[Int(random.next() % UInt64(scalars.count))]
    }

    private static func value(_ random: inout SplitMix64, depth: Int = 0) -> Node {
        switch random.next() % (depth < 3 ? 8 : 5) {
        case 5: return .array((0..<random.next() % 4).map { _ in value(&random, depth: depth + 1) })
        case 6, 7:
            return .object(
                ["b", "c", "year"].filter { _ in random.next() % 2 == 0 }.map { ($0, value(&random, depth: depth + 1)) }
            )
        default: return .scalar(scalar(&random))
        }
    }

    static func document(_ number: Int, _ random: inout SplitMix64) -> Document {
        func members() -> [(name: String, value: Node)] {
            ["year", "lang", "tags", "größe", "a b.c", "a", "title of it"].filter { _ in random.next() % 2 == 0 }
                .map { ($0, value(&random)) }
        }
        var all = members()
        if random.next() % 2 == 0 { all.append(("metadata", .object(members()))) }
        let titles = ["", "en", "A title", "caf\u{E9}"]
        return Document(
            id: "d\(number)", title: titles[Int(random.next() % 4)], members: .object(all))
    }

    static func filter(_ random: inout SplitMix64, depth: Int = 0) -> Filter {
        let field = fields[Int(random.next() % UInt64(fields.count))]
        let comparisons = Filter.Comparison.allCases
        switch random.next() % (depth < 4 ? 12 : 8) {
        case 0, 1, 2:
            let value = scalar(&random)
            let comparison = comparisons[Int(random.next() % UInt64(comparisons.count))]
            switch value {
            case .null, .truth: return .compare(field, random.next() % 2 == 0 ? .equal : .unequal, value)
            default: return .compare(field, comparison, value)
            }
        case 3, 4: return .isOne(field, of: (0...random.next() % 4).map { _ in scalar(&random) })
        case 5:
            let prefixes: [ByteString] = ["", "e", "en", "caf", "caf\u{E9}", "2020-0", "d1", "nul\u{0}"]
            return .hasPrefix(field, prefixes[Int(random.next() % 8)])
        case 6: return .exists(field)
        case 7: return .contains(field, scalar(&random))
        case 8: return .not(filter(&random, depth: depth + 1))
        case 9, 10: return .all((0...1 + random.next() % 2).map { _ in filter(&random, depth: depth + 1) })
        default: return .any((0...1 + random.next() % 2).map { _ in filter(&random, depth: depth + 1) })
        }
    }
}
