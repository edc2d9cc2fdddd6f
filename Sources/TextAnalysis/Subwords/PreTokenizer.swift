/// One step that cuts a normalised text into words; the names are those of `tokenizer.json`.
enum PreTokenizer: Sendable, Equatable {
    enum PrependScheme: String, Sendable { case always, first, never }

    /// Words of an expression; the bytes themselves are the symbols, so nothing is rewritten here.
    case byteLevel(addsPrefixSpace: Bool, pattern: SplitPattern?)
    /// Spaces become a visible character, which starts a word.
    case metaspace(replacement: [UInt8], scheme: PrependScheme, splits: Bool)
    /// Words between white space, which is dropped.
    case whitespaceSplit
    case split(SplitPattern)

    /// A text with its words.
    struct Words {
        var bytes: [UInt8]
        var ranges: [Range<Int>]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            ranges = bytes.isEmpty ? [] : [0..<bytes.count]
        }
    }

    /// - Parameter isAtStart: Whether the first word is the start of the whole text.
    func apply(_ words: inout Words, isAtStart: Bool) {
        switch self {
        case .byteLevel(let addsPrefixSpace, let pattern):
            if addsPrefixSpace { Self.prepend([0x20], to: &words) { _ in true } }
            if let pattern { Self.split(&words, pattern) }
        case .split(let pattern): Self.split(&words, pattern)
        case .whitespaceSplit: Self.splitAtWhitespace(&words)
        case .metaspace(let replacement, let scheme, let splits):
            Self.replaceSpaces(&words, replacement)
            switch scheme {
            case .always: Self.prepend(replacement, to: &words) { _ in true }
            case .first: Self.prepend(replacement, to: &words) { $0 == 0 && isAtStart }
            case .never: break
            }
            if splits { Self.splitBefore(replacement, &words) }
        }
    }

    private static func split(_ words: inout Words, _ pattern: SplitPattern) {
        var ranges: [Range<Int>] = []
        unsafe words.bytes.withUnsafeBufferPointer { bytes in
            for range in words.ranges {
                var start = range.lowerBound
                while start < range.upperBound {
                    let end = unsafe pattern.wordEnd(bytes, start, range.upperBound)
                    ranges.append(start..<end)
                    start = end
                }
            }
        }
        words.ranges = ranges
    }

    private static func splitAtWhitespace(_ words: inout Words) {
        var ranges: [Range<Int>] = []
        unsafe words.bytes.withUnsafeBufferPointer { bytes in
            for range in words.ranges {
                var (start, position) = (range.lowerBound, range.lowerBound)
                while position < range.upperBound {
                    let (codePoint, length) = unsafe UTF8Scalar.decode(bytes, at: position)
                    if BERTNormalizer.isWhitespace(codePoint) {
                        if position > start { ranges.append(start..<position) }
                        start = position + length
                    }
                    position += length
                }
                if position > start { ranges.append(start..<position) }
            }
        }
        words.ranges = ranges
    }

    private static func splitBefore(_ mark: [UInt8], _ words: inout Words) {
        guard let first = mark.first else { return }
        var ranges: [Range<Int>] = []
        for range in words.ranges {
            var start = range.lowerBound
            for position in range.dropFirst()
            where words.bytes[position] == first && words.bytes[position..<range.upperBound].starts(with: mark) {
                ranges.append(start..<position)
                start = position
            }
            ranges.append(start..<range.upperBound)
        }
        words.ranges = ranges
    }

    /// Puts `mark` before each word for which `condition` of its number holds and that does not start with it.
    private static func prepend(_ mark: [UInt8], to words: inout Words, where condition: (Int) -> Bool) {
        rebuild(&words) { index, word, result in
            if condition(index), !word.starts(with: mark) { result.append(contentsOf: mark) }
            result.append(contentsOf: word)
        }
    }

    private static func replaceSpaces(_ words: inout Words, _ replacement: [UInt8]) {
        rebuild(&words) { _, word, result in
            for byte in word {
                if byte == 0x20 { result.append(contentsOf: replacement) } else { result.append(byte) }
            }
        }
    }

    private static func rebuild(_ words: inout Words, _ body: (Int, ArraySlice<UInt8>, inout [UInt8]) -> Void) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(words.bytes.count * 3 / 2 + 8)
        for (index, range) in words.ranges.enumerated() {
            let start = bytes.count
            body(index, words.bytes[range], &bytes)
            words.ranges[index] = start..<bytes.count
        }
        words.bytes = bytes
    }
}
