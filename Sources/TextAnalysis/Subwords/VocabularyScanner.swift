import JSONScanning

/// Reads the vocabulary out of a `tokenizer.json`, many times faster than a general JSON decoder, and token by token: no
/// dictionary merges two spellings of one.
///
/// Whatever is no flat object of strings and natural numbers, or no list of pairs, is not read.
struct VocabularyScanner {
    private let bytes: [UInt8]
    private var position = 0

    /// The tokens with their ids and the file with an empty vocabulary, nil when there is none that can be read.
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

    /// Goes to the object or list of the key `vocab` inside `model` and returns where it starts.
    private mutating func findVocabulary(_ opening: Unicode.Scalar) -> Int? {
        var depth = 0
        var isInModel = false
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "\""):
                guard let text = skipString() else { return nil }
                if depth == 1 { isInModel = bytes[text].elementsEqual("model".utf8) }
                guard depth == 2, isInModel, bytes[text].elementsEqual("vocab".utf8), take(":") else { continue }
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
        guard let raw = String(validating: bytes[range], as: UTF8.self) else { return nil }
        guard bytes[range].contains(UInt8(ascii: "\\")) else { return raw }
        var scanner = JSONScanner()
        scanner.position = range.lowerBound - 1
        return try? scanner.string(bytes.span)
    }
}
