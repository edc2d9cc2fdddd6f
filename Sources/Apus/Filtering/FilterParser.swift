import ByteStrings
import CorpusFormats
import Foundation

/// A filter that cannot be read.
public struct FilterError: Error, Equatable, CustomStringConvertible {
    /// What was to be read.
    public let text: String
    /// The place of the mistake, in characters from 1.
    public let column: Int
    /// What belongs there.
    public let expected: String
    /// What stands there.
    public let found: String

    /// One line.
    public var description: String {
        "'\(text)' is wrong at column \(column): expected \(expected), found \(found)."
    }
}

extension Filter {
    /// Reads a filter.
    ///
    ///     filter = all { OR all }              all = part { AND part }
    ///     part   = NOT part | ( filter ) | EXISTS field | true | false | field test
    ///     test   = ( = | != | < | <= | > | >= ) value | ^= text | : value | [NOT] IN ( value { , value } )
    ///     field  = name { . name }             name = letters, digits, _ and - | `anything`
    ///     value  = "text" | 'text' | number | true | false | null
    ///
    /// Words in capitals may be small. Texts have JSON's escapes; a backquote in a name is written twice.
    /// - Throws: ``FilterError`` with the column.
    public init(parsing text: String) throws(FilterError) {
        var parser = FilterParser(text)
        self = try parser.whole()
    }
}

extension MetadataPath {
    /// Reads names with commas between them, as `--filterable` takes them.
    /// - Throws: ``FilterError`` with the column.
    public static func list(parsing text: String) throws(FilterError) -> [MetadataPath] {
        var parser = FilterParser(text)
        return try parser.fields()
    }
}

/// Reads filters; the grammar stands at ``Filter/init(parsing:)``.
struct FilterParser {
    private let text: String
    private let scalars: [Unicode.Scalar]
    private var place = 0
    private var depth = 0

    /// Deeper nesting is refused, so that hostile input cannot exhaust the stack.
    private static let maximumDepth = 200
    private static let valueNames = "a value (a text in quotes, a number, true, false or null)"

    init(_ text: String) {
        self.text = text
        scalars = Array(text.unicodeScalars)
    }

    static func beginsName(_ scalar: Unicode.Scalar) -> Bool { scalar == "_" || scalar.properties.isAlphabetic }

    static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        beginsName(scalar) || scalar == "-" || scalar.properties.numericType != nil
            || scalar.properties.generalCategory == .nonspacingMark
    }

    static func isKeyword(_ name: String) -> Bool {
        ["and", "or", "not", "in", "exists", "true", "false", "null"].contains { isSame(name, $0) }
    }

    /// Whether a word is a keyword, in small letters or capitals.
    private static func isSame(_ word: String, _ keyword: String) -> Bool {
        word.utf8.elementsEqual(keyword.utf8) { $0 | 0x20 == $1 && $0 & 0xC0 == 0x40 }
    }

    mutating func whole() throws(FilterError) -> Filter {
        let filter = try filter()
        skipSpace()
        guard place == scalars.count else { throw error("AND, OR or the end") }
        return filter
    }

    mutating func fields() throws(FilterError) -> [MetadataPath] {
        var fields = [try field()]
        while take(",") { fields.append(try field()) }
        skipSpace()
        guard place == scalars.count else { throw error("',' or the end") }
        return fields
    }

    private mutating func filter() throws(FilterError) -> Filter {
        var parts = [try all()]
        while takeWord("or") { parts.append(try all()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func all() throws(FilterError) -> Filter {
        var parts = [try part()]
        while takeWord("and") { parts.append(try part()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func part() throws(FilterError) -> Filter {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw error("at most \(Self.maximumDepth) nested parts") }
        if takeWord("not") { return .not(try part()) }
        if take("(") {
            let inner = try filter()
            guard take(")") else { throw error("AND, OR or ')'") }
            return inner
        }
        if takeWord("exists") { return .exists(try field()) }
        if takeWord("true") { return .all([]) }
        if takeWord("false") { return .any([]) }
        let field = try field("a field, NOT, EXISTS or '('")
        return try test(field)
    }

    private mutating func test(_ field: MetadataPath) throws(FilterError) -> Filter {
        if takeWord("not") {
            guard takeWord("in") else { throw error("IN") }
            return .not(.isOne(field, of: try list()))
        }
        if takeWord("in") { return .isOne(field, of: try list()) }
        if take("^=") {
            let start = place
            guard case .text(let prefix) = try value("a text in quotes") else {
                place = start
                skipSpace()
                throw error("a text in quotes")
            }
            return .hasPrefix(field, prefix)
        }
        if take(":") { return .contains(field, try value()) }
        // The longer ones first.
        for comparison in [Filter.Comparison.unequal, .atMost, .atLeast, .equal, .below, .above]
        where take(comparison.rawValue) {
            let start = place
            let value = try value()
            switch value {
            case .null, .truth:
                guard comparison == .equal || comparison == .unequal else {
                    place = start
                    skipSpace()
                    throw error("a number or a text in quotes")
                }
            default: break
            }
            return .compare(field, comparison, value)
        }
        throw error("a test (= != < <= > >= ^= : IN)")
    }

    private mutating func list() throws(FilterError) -> [MetadataScalar] {
        guard take("(") else { throw error("'('") }
        var values = [try value()]
        while take(",") { values.append(try value()) }
        guard take(")") else { throw error("',' or ')'") }
        return values
    }

    private mutating func field(_ expected: String = "a field") throws(FilterError) -> MetadataPath {
        var names: [ByteString] = []
        repeat {
            skipSpace()
            if peek() == "`" {
                names.append(ByteString(try backquoted()))
            } else {
                let start = place
                let word = word()
                guard !word.isEmpty, !Self.isKeyword(word) else {
                    place = start
                    let advice = word.isEmpty ? "" : " (a field of this name goes in `…`)"
                    throw error(names.isEmpty ? expected : "a name", word: word, advice)
                }
                names.append(ByteString(word))
            }
        } while take(".")
        return MetadataPath(names: names)
    }

    private mutating func backquoted() throws(FilterError) -> String {
        let start = place
        place += 1
        var name = String.UnicodeScalarView()
        while let scalar = peek() {
            place += 1
            if scalar == "`" {
                guard peek() == "`" else {
                    guard !name.isEmpty else {
                        place = start
                        throw error("a name")
                    }
                    return String(name)
                }
                place += 1
            }
            name.append(scalar)
        }
        throw error("'`' at the end of the name")
    }

    private mutating func value(_ expected: String = valueNames) throws(FilterError) -> MetadataScalar {
        skipSpace()
        guard let first = peek() else { throw error(expected) }
        if first == "\"" || first == "'" { return .text(ByteString(try quoted(first))) }
        if first == "-" || isDigit(first) { return try number() }
        if takeWord("true") { return .truth(true) }
        if takeWord("false") { return .truth(false) }
        if takeWord("null") { return .null }
        throw error(expected)
    }

    private mutating func number() throws(FilterError) -> MetadataScalar {
        let start = place
        if peek() == "-" { place += 1 }
        guard let first = peek(), isDigit(first) else { throw error("a digit") }
        func digits() { while let next = peek(), isDigit(next) { place += 1 } }
        digits()
        if peek() == "." {
            place += 1
            guard let next = peek(), isDigit(next) else { throw error("a digit") }
            digits()
        }
        if peek() == "e" || peek() == "E" {
            place += 1
            if peek() == "+" || peek() == "-" { place += 1 }
            guard let next = peek(), isDigit(next) else { throw error("a digit") }
            digits()
        }
        if let next = peek(), Self.continuesName(next) || next == ":" {
            throw error("the end of the number (a date goes in quotes)")
        }
        let spelled = String(String.UnicodeScalarView(scalars[start..<place]))
        if let integer = Int64(spelled) { return .integer(integer) }
        guard let value = Double(spelled) else { throw error("a number") }
        return .number(value)
    }

    private mutating func quoted(_ quote: Unicode.Scalar) throws(FilterError) -> String {
        place += 1
        var text = String.UnicodeScalarView()
        while let scalar = peek() {
            if scalar == quote {
                place += 1
                return String(text)
            }
            place += 1
            text.append(scalar == "\\" ? try escape() : scalar)
        }
        throw error("\(quote) at the end of the text")
    }

    /// Reads what follows a backslash.
    private mutating func escape() throws(FilterError) -> Unicode.Scalar {
        let plain: [Unicode.Scalar: Unicode.Scalar] = [
            "\"": "\"", "'": "'", "\\": "\\", "/": "/", "b": "\u{8}", "f": "\u{C}", "n": "\n", "r": "\r", "t": "\t",
        ]
        guard let scalar = peek() else { throw error("an escape") }
        if let found = plain[scalar] {
            place += 1
            return found
        }
        guard scalar == "u" else { throw error(#"one of the escapes \" \' \\ \/ \b \f \n \r \t \u"#) }
        place += 1
        var code = try hexadecimal()
        if code & 0xFC00 == 0xD800 {
            guard place + 1 < scalars.count, scalars[place] == "\\", scalars[place + 1] == "u" else {
                throw error("the second half of a surrogate pair")
            }
            place += 2
            let low = try hexadecimal()
            guard low & 0xFC00 == 0xDC00 else { throw error("the second half of a surrogate pair") }
            code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
        }
        guard let found = Unicode.Scalar(code) else { throw error("the first half of a surrogate pair") }
        return found
    }

    private mutating func hexadecimal() throws(FilterError) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let scalar = peek(), scalar.isASCII, let digit = Character(scalar).hexDigitValue else {
                throw error(#"four hexadecimal digits behind '\u'"#)
            }
            code = code << 4 | UInt32(digit)
            place += 1
        }
        return code
    }

    private func peek() -> Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

    private func isDigit(_ scalar: Unicode.Scalar) -> Bool { "0"..."9" ~= scalar }

    private mutating func skipSpace() {
        while let scalar = peek(), scalar.properties.isWhitespace { place += 1 }
    }

    /// Steps over a sign when it comes next.
    private mutating func take(_ sign: String) -> Bool {
        skipSpace()
        let wanted = Array(sign.unicodeScalars)
        guard scalars[place...].starts(with: wanted) else { return false }
        place += wanted.count
        return true
    }

    private mutating func takeWord(_ keyword: String) -> Bool {
        skipSpace()
        let start = place
        if Self.isSame(word(), keyword) { return true }
        place = start
        return false
    }

    /// The letters and digits that come next; empty when there are none.
    private mutating func word() -> String {
        guard let first = peek(), Self.beginsName(first) else { return "" }
        let start = place
        while let scalar = peek(), Self.continuesName(scalar) { place += 1 }
        return String(String.UnicodeScalarView(scalars[start..<place]))
    }

    private func error(_ expected: String, word: String = "", _ advice: String = "") -> FilterError {
        var rest = self
        rest.skipSpace()
        let at = rest.place
        var found = word
        if found.isEmpty { found = rest.word() }
        if found.isEmpty, let scalar = rest.peek() { found = scalar.escaped(asASCII: false) }
        return FilterError(
            text: text, column: at + 1, expected: expected + advice, found: found.isEmpty ? "the end" : "'\(found)'")
    }
}
