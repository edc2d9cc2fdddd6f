/// Reads the vocabulary out of a `tokenizer.json`, many times faster than a general JSON decoder.
///
/// It is only a shortcut: when anything looks unusual it gives up, and the general decoder reads (or refuses) the file.
struct VocabularyScanner {
    private let bytes: [UInt8]
    private var position = 0

    /// The tokens with their ids and the file with an empty vocabulary, nil when this is left to the decoder.
    static func scan(_ bytes: [UInt8]) -> (tokens: [(String, Int)], rest: [UInt8])? {
        var scanner = VocabularyScanner(bytes: bytes)
        guard let start = scanner.findVocabulary("{"), let tokens = scanner.readObject() else { return nil }
        return (tokens, bytes[..<start] + [UInt8(ascii: "{"), UInt8(ascii: "}")] + bytes[scanner.position...])
    }

    /// The pieces of a Unigram model with their scores and the file with an empty list; nil when anything looks unusual.
    ///
    /// Foundation reads numbers by way of decimals, up to one unit in the last place off, which changes how ties end.
    static func scanPieces(_ bytes: [UInt8]) -> (pieces: [(String, Double)], rest: [UInt8])? {
        var scanner = VocabularyScanner(bytes: bytes)
        guard let start = scanner.findVocabulary("["), let pieces = scanner.readPieces() else { return nil }
        return (pieces, bytes[..<start] + [UInt8(ascii: "["), UInt8(ascii: "]")] + bytes[scanner.position...])
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Goes to the object or list of the key `vocab` at the second level and returns where it starts.
    private mutating func findVocabulary(_ opening: Unicode.Scalar) -> Int? {
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                guard let text = skipString() else { return nil }
                guard depth == 2, bytes[text].elementsEqual("vocab".utf8), take(":") else { continue }
                skipSpace()
                return position < bytes.count && bytes[position] == UInt8(ascii: opening) ? position : nil
            default: break
            }
            position += 1
        }
        return nil
    }

    /// Reads a flat object of strings and natural numbers.
    private mutating func readObject() -> [(String, Int)]? {
        var tokens: [(String, Int)] = []
        guard take("{") else { return nil }
        if take("}") { return tokens }
        repeat {
            skipSpace()
            guard let text = skipString(), let token = unescape(text), take(":"), let id = readNumber() else {
                return nil
            }
            tokens.append((token, id))
        } while take(",")
        return take("}") ? tokens : nil
    }

    /// Reads a list of pairs of string and number.
    private mutating func readPieces() -> [(String, Double)]? {
        var pieces: [(String, Double)] = []
        guard take("[") else { return nil }
        if take("]") { return pieces }
        repeat {
            guard take("[") else { return nil }
            skipSpace()
            guard let text = skipString(), let piece = unescape(text), take(",") else { return nil }
            skipSpace()
            let start = position
            while position < bytes.count, bytes[position] != UInt8(ascii: "]"), bytes[position] > 0x20 { position += 1 }
            guard let score = Double(String(decoding: bytes[start..<position], as: UTF8.self)), take("]") else {
                return nil
            }
            pieces.append((piece, score))
        } while take(",")
        return take("]") ? pieces : nil
    }

    private mutating func readNumber() -> Int? {
        skipSpace()
        let start = position
        var number = 0
        while position < bytes.count, position - start < 10, bytes[position] &- 0x30 < 10 {
            number = number * 10 + Int(bytes[position] - 0x30)
            position += 1
        }
        return position > start ? number : nil
    }

    private mutating func skipSpace() {
        while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) { position += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard position < bytes.count, UInt32(bytes[position]) == character.value else { return false }
        position += 1
        return true
    }

    /// Passes over a string and returns what stands between its quotes.
    private mutating func skipString() -> Range<Int>? {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
        let start = position + 1
        position = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return start..<position - 1
            case UInt8(ascii: "\\"): position += 2
            case 0..<0x20: return nil
            default: position += 1
            }
        }
        return nil
    }

    private func unescape(_ range: Range<Int>) -> String? {
        guard bytes[range].contains(UInt8(ascii: "\\")) else { return String(validating: bytes[range], as: UTF8.self) }
        var units: [UInt16] = []
        guard let text = String(validating: bytes[range], as: UTF8.self) else { return nil }
        var rest = Substring(text).utf16
        while let unit = rest.popFirst() {
            guard unit == 0x5C else {
                units.append(unit)
                continue
            }
            switch rest.popFirst().flatMap(Unicode.Scalar.init) {
            case "\"": units.append(0x22)
            case "\\": units.append(0x5C)
            case "/": units.append(0x2F)
            case "b": units.append(0x08)
            case "f": units.append(0x0C)
            case "n": units.append(0x0A)
            case "r": units.append(0x0D)
            case "t": units.append(0x09)
            case "u":
                guard rest.count >= 4, let unit = UInt16(String(Substring(rest.prefix(4))), radix: 16) else {
                    return nil
                }
                units.append(unit)
                rest = rest.dropFirst(4)
            default: return nil
            }
        }
        return String(validating: units, as: UTF16.self)
    }
}
