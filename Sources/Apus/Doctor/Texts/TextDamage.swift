/// Signs that a text was decoded, escaped or cut wrongly on its way.
struct TextDamage: Sendable, Equatable {
    /// A kind of damage.
    enum Kind: String, Sendable, CaseIterable {
        /// U+FFFD, which stands where a decoder could not read a byte.
        case replacement
        /// UTF-8 that was read as Latin-1 or Windows-1252: `Ã©` for `é`.
        case mojibake
        /// A control character other than tab and the ends of lines.
        case control
        /// `&amp;`, `&#39;` or `<br>`, left by an export from markup.
        case markup
    }

    /// How often each kind stands in the text, and what stands around the first.
    private(set) var found: [Kind: (count: Int, excerpt: String)] = [:]

    static func == (first: TextDamage, second: TextDamage) -> Bool {
        first.found.mapValues(\.count) == second.found.mapValues(\.count)
    }

    func count(_ kind: Kind) -> Int { found[kind]?.count ?? 0 }

    init(_ text: String) {
        // Most texts have no byte that could begin any of it.
        let isPlain = text.utf8.allSatisfy { byte in
            byte < 0x80 && (byte >= 0x20 && byte != 0x7F || (0x09...0x0D).contains(byte)) && byte != 0x26
                && byte != 0x3C
        }
        if isPlain { return }
        let scalars = Array(text.unicodeScalars)
        var at = 0
        while at < scalars.count {
            let (kind, length) = Self.damage(scalars, at)
            if let kind {
                if found[kind] == nil {
                    let range = max(0, at - 20)..<min(scalars.count, at + length + 20)
                    var excerpt = String.UnicodeScalarView()
                    excerpt.append(contentsOf: scalars[range])
                    found[kind] = (0, String(excerpt))
                }
                found[kind]?.count += 1
            }
            at += max(1, length)
        }
    }

    private static func damage(_ scalars: [Unicode.Scalar], _ at: Int) -> (Kind?, Int) {
        let value = scalars[at].value
        switch value {
        case 0xFFFD: return (.replacement, 1)
        case 0x00..<0x09, 0x0E..<0x20, 0x7F: return (.control, 1)
        case 0x26, 0x3C:
            let length = markup(scalars[at..<min(scalars.count, at + 16)])
            return length > 0 ? (.markup, length) : (nil, 1)
        case 0x80...:
            let length = mojibake(scalars[at..<min(scalars.count, at + 4)])
            if length > 0 { return (.mojibake, length) }
            return value < 0xA0 && value != 0x85 ? (.control, 1) : (nil, 1)
        default: return (nil, 1)
        }
    }

    /// What Windows-1252 decodes the bytes 0x80…0x9F as.
    private static let windows: [UInt32: UInt8] = [
        0x20AC: 0x80, 0x201A: 0x82, 0x0192: 0x83, 0x201E: 0x84, 0x2026: 0x85, 0x2020: 0x86, 0x2021: 0x87, 0x02C6: 0x88,
        0x2030: 0x89, 0x0160: 0x8A, 0x2039: 0x8B, 0x0152: 0x8C, 0x017D: 0x8E, 0x2018: 0x91, 0x2019: 0x92, 0x201C: 0x93,
        0x201D: 0x94, 0x2022: 0x95, 0x2013: 0x96, 0x2014: 0x97, 0x02DC: 0x98, 0x2122: 0x99, 0x0161: 0x9A, 0x203A: 0x9B,
        0x0153: 0x9C, 0x017E: 0x9E, 0x0178: 0x9F,
    ]

    private static func byte(_ scalar: Unicode.Scalar) -> UInt8? {
        scalar.value < 0x100 ? UInt8(scalar.value) : windows[scalar.value]
    }

    /// What may stand behind a letter in sound text: closing quotes, dashes, an ellipsis.
    private static let closing: Set<UInt32> = [0x2013, 0x2014, 0x2018, 0x2019, 0x201D, 0x2026]

    /// How many characters are the bytes of one character in UTF-8; 0 for none.
    ///
    /// Leads of two bytes are taken only where Western, Central European and Cyrillic letters begin.
    private static func mojibake(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        guard let first = scalars.first, first.value < 0x100 else { return 0 }
        let length: Int
        switch first.value {
        case 0xC2, 0xC3, 0xC4, 0xC5, 0xD0, 0xD1: length = 2
        case 0xE2, 0xE3, 0xE4, 0xE5: length = 3
        case 0xF0: length = 4
        default: return 0
        }
        let rest = scalars.dropFirst().prefix(length - 1)
        let isSequence =
            rest.count == length - 1 && rest.allSatisfy { scalar in byte(scalar).map { $0 & 0xC0 == 0x80 } ?? false }
        guard isSequence, let second = rest.first?.value, !rest.allSatisfy({ closing.contains($0.value) }) else {
            return 0
        }
        switch first.value {
        // Beside symbols of Latin-1 alone.
        case 0xC2: return (0xA0...0xBF).contains(second) ? length : 0
        // Before a blank or a guillemet these may be letters.
        case 0xC4, 0xC5, 0xD0, 0xD1: return second == 0xA0 || second == 0xBB ? 0 : length
        default: return length
        }
    }

    /// The length of an entity or a tag of printed text; 0 for none.
    private static func markup(_ scalars: ArraySlice<Unicode.Scalar>) -> Int {
        let closing: Unicode.Scalar = scalars.first == "&" ? ";" : ">"
        guard let end = scalars.dropFirst().firstIndex(of: closing) else { return 0 }
        let inside = String(String.UnicodeScalarView(scalars[(scalars.startIndex + 1)..<end])).lowercased()
        let length = end - scalars.startIndex + 1
        if closing == ";" {
            let isNumber = inside.hasPrefix("#") && inside.dropFirst().allSatisfy { $0.isHexDigit || $0 == "x" }
            return entities.contains(inside) || isNumber && inside.count > 1 ? length : 0
        }
        let name = inside.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
        return tags.contains(String(name)) ? length : 0
    }

    private static let entities: Set<String> = [
        "amp", "lt", "gt", "quot", "apos", "nbsp", "ndash", "mdash", "hellip", "rsquo", "lsquo", "rdquo", "ldquo",
        "eacute",
        "uuml", "ouml", "auml", "szlig",
    ]
    private static let tags: Set<String> = [
        "br", "p", "div", "span", "b", "i", "em", "strong", "ul", "li", "td", "tr", "table", "sup", "sub", "ref",
        "font",
        "h1", "h2", "h3",
    ]
}
