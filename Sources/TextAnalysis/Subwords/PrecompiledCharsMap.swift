/// SentencePiece's compiled normalisation rules: a double-array trie of texts and their replacements.
///
/// The bytes are a u32 length, that many bytes of trie (u32 units), then the replacements, each ending with a zero byte.
/// As in the Hugging Face `tokenizers` library, a rule is looked for by grapheme and then by code point, and the shortest
/// matching rule replaces the whole of it; SentencePiece itself would take the longest.
struct PrecompiledCharsMap: Sendable, Equatable {
    private let units: [UInt32]
    private let replacements: [UInt8]

    /// Nil when the bytes are not such a table.
    init?(_ bytes: [UInt8]) {
        func word(_ index: Int) -> UInt32 {
            (0..<4).reduce(0) { $0 | UInt32(bytes[index + $1]) << (8 * UInt32($1)) }
        }
        guard bytes.count >= 4 else { return nil }
        let size = Int(word(0))
        guard size % 4 == 0, size > 0, 4 + size <= bytes.count else { return nil }
        units = stride(from: 4, to: 4 + size, by: 4).map(word)
        replacements = Array(bytes[(4 + size)...])
        guard String(validating: replacements, as: UTF8.self) != nil else { return nil }
    }

    /// The text with every rule applied.
    func normalize(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        // Without a grapheme of several code points, each code point is one.
        if text.allSatisfy({ $0 < 0x80 }), !text.contains(0x0D) {
            for index in text.indices { replaceOrAppend(text[index..<index + 1], to: &result) }
            return result
        }
        for grapheme in String(decoding: text, as: UTF8.self) {
            let bytes = Array(grapheme.utf8)
            if bytes.count < 6, let replacement = replacement(bytes[...]) {
                result.append(contentsOf: replacement)
                continue
            }
            var start = 0
            while start < bytes.count {
                var end = start + 1
                while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
                replaceOrAppend(bytes[start..<end], to: &result)
                start = end
            }
        }
        return result
    }

    private func replaceOrAppend(_ part: ArraySlice<UInt8>, to result: inout [UInt8]) {
        result.append(contentsOf: replacement(part) ?? part)
    }

    /// What the shortest rule at the start of `text` makes of it.
    private func replacement(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var node = offset(units[0])
        for byte in text {
            guard byte != 0 else { return nil }
            node ^= Int(byte)
            guard node < units.count, units[node] & 0x8000_00FF == UInt32(byte) else { return nil }
            let unit = units[node]
            node ^= offset(unit)
            if unit >> 8 & 1 == 1, node < units.count {
                let start = Int(units[node] & 0x7FFF_FFFF)
                // A damaged trie may point into the middle of a character.
                guard start < replacements.count, replacements[start] & 0xC0 != 0x80 else { return nil }
                return replacements[start...].prefix { $0 != 0 }
            }
        }
        return nil
    }

    private func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & (1 << 9)) >> 6)) }
}
