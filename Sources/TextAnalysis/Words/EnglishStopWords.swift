/// Lucene's 33 English stop words.
enum EnglishStopWords {
    static let words = [
        "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not",
        "of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will",
        "with",
    ]

    /// The longest of them has five bytes.
    static let maximumLength = 5

    /// An open hash table of packed words, 0 for a free place.
    private static let table: [UInt64] = {
        var table = [UInt64](repeating: 0, count: 256)
        for word in words {
            var key: UInt64 = 0
            for byte in word.utf8.reversed() { key = key << 8 | UInt64(byte) }
            var place = slot(key)
            while table[place] != 0 { place = (place + 1) & 255 }
            table[place] = key
        }
        return table
    }()

    @inline(__always)
    private static func slot(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 56) }

    /// Whether the `count` bytes at `word` are a stop word.
    @inline(__always)
    static func contains(_ word: UnsafePointer<UInt8>, count: Int) -> Bool {
        guard count <= maximumLength, count > 0 else { return false }
        var key: UInt64 = 0
        var index = count
        while index > 0 {
            index -= 1
            key = key << 8 | UInt64(word[index])
        }
        return table.withUnsafeBufferPointer { table in
            var place = slot(key)
            while table[place] != 0 {
                if table[place] == key { return true }
                place = (place + 1) & 255
            }
            return false
        }
    }
}
