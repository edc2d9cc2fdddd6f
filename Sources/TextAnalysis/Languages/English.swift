/// Lucene's EnglishAnalyzer: possessive removed, 33 stop words removed, Porter's stemmer.
struct English: Language {
    static let name = "english"
    static let version = "english-1"
    static let stopWords = StopWords(
        """
        a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was \
        will with
        """)

    @inline(__always)
    func finish(_ word: UnsafeMutablePointer<UInt8>, _ count: Int, isASCII: Bool) -> Int {
        guard isASCII else { return unsafe Self.finishUnicode(word, count) }
        let hasPossessive = unsafe count >= 2 && word[count - 1] == 0x73 && word[count - 2] == 0x27
        let length = hasPossessive ? count - 2 : count
        return unsafe Self.stopWords.contains(word, count: length) ? 0 : PorterStemmer<UInt8>.stem(word, count: length)
    }

    private static func finishUnicode(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        let length = unsafe count - possessiveLength(word, count)
        if (0..<length).allSatisfy({ unsafe word[$0] < 0x80 }) {
            return unsafe stopWords.contains(word, count: length) ? 0 : PorterStemmer<UInt8>.stem(word, count: length)
        }
        // Porter's rules count UTF-16 code units, as in Lucene.
        return unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: length) { units in
            guard let base = units.baseAddress else { return 0 }
            var count = 0
            for unit in unsafe String(decoding: UnsafeBufferPointer(start: word, count: length), as: UTF8.self).utf16 {
                unsafe base[count] = unit
                count += 1
            }
            let left = unsafe PorterStemmer<UInt16>.stem(base, count: count)
            var written = 0
            for byte in unsafe String(decoding: UnsafeBufferPointer(start: base, count: left), as: UTF16.self).utf8 {
                unsafe word[written] = byte
                written += 1
            }
            return written
        }
    }

    /// The bytes of a final `'s`, with a straight, curly or full-width apostrophe.
    private static func possessiveLength(_ word: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        guard count >= 2, unsafe word[count - 1] == 0x73 else { return 0 }
        if unsafe word[count - 2] == 0x27 { return 2 }
        guard count >= 4 else { return 0 }
        let (a, b, c) = unsafe (word[count - 4], word[count - 3], word[count - 2])
        return (a, b, c) == (0xE2, 0x80, 0x99) || (a, b, c) == (0xEF, 0xBC, 0x87) ? 4 : 0
    }
}
