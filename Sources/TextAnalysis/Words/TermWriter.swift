import CICU

/// Makes terms of the words that ``WordTokenizer`` finds, for any text: the slow, general twin of ``ASCIIWords``.
struct TermWriter {
    let room: UnsafeMutablePointer<UInt8>
    let offset: Int32
    let isEnglish: Bool
    private var used = 0
    private var units: [UInt16] = []
    private var lowered: [UInt16] = []

    init(room: UnsafeMutablePointer<UInt8>, offset: Int32, isEnglish: Bool) {
        self.room = room
        self.offset = offset
        self.isEnglish = isEnglish
    }

    /// Writes the terms of `text` to the room and returns the bytes used.
    mutating func write(_ text: UnsafeBufferPointer<UInt8>, ends: inout [Int32]) -> Int {
        let tokenizer = WordTokenizer(text)
        var position = 0
        while let word = tokenizer.nextWord(from: position) {
            position = word.upperBound
            let bytes = UnsafeBufferPointer(rebasing: text[word])
            let length =
                if let count = lowercaseASCII(bytes) {
                    finishASCII(room + used, count)
                } else {
                    isEnglish ? writeEnglish(bytes) : writeLowercased(bytes)
                }
            guard length > 0 else { continue }
            used += length
            ends.append(offset + Int32(used))
        }
        return used
    }

    /// Writes the word in lower case when it is all ASCII and returns its length; nil when it is not.
    private func lowercaseASCII(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
        let term = room + used
        for index in 0..<word.count {
            let byte = word[index]
            if byte >= 0x80 { return nil }
            term[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        return word.count
    }

    /// The English filters after lower-casing for a word that is all ASCII.
    private func finishASCII(_ term: UnsafeMutablePointer<UInt8>, _ count: Int) -> Int {
        guard isEnglish else { return count }
        let hasPossessive = count >= 2 && term[count - 1] == 0x73 && term[count - 2] == 0x27
        let length = hasPossessive ? count - 2 : count
        return EnglishStopWords.contains(term, count: length) ? 0 : PorterStemmer<UInt8>.stem(term, count: length)
    }

    /// Returns the length of the term, 0 for a stop word.
    private mutating func writeEnglish(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        let term = room + used
        var length = 0
        var isASCII = true
        var position = 0
        let end = word.count - possessiveLength(word)
        while position < end {
            let (codePoint, size) = UTF8Scalar.decode(word, at: position)
            position += size
            let lower = UInt32(bitPattern: apus_u_tolower(Int32(bitPattern: codePoint)))
            if lower >= 0x80 { isASCII = false }
            length += UTF8Scalar.encode(lower, to: term + length)
        }
        guard isASCII else { return stem(term, length) }
        return EnglishStopWords.contains(term, count: length) ? 0 : PorterStemmer<UInt8>.stem(term, count: length)
    }

    /// The bytes of a final `'s`, with a straight, curly or full-width apostrophe.
    private func possessiveLength(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        let count = word.count
        guard count >= 2, word[count - 1] | 0x20 == 0x73 else { return 0 }
        if word[count - 2] == 0x27 { return 2 }
        guard count >= 4 else { return 0 }
        let (a, b, c) = (word[count - 4], word[count - 3], word[count - 2])
        return (a, b, c) == (0xE2, 0x80, 0x99) || (a, b, c) == (0xEF, 0xBC, 0x87) ? 4 : 0
    }

    /// Stems a term with other than ASCII letters by its UTF-16 code units.
    private mutating func stem(_ term: UnsafeMutablePointer<UInt8>, _ length: Int) -> Int {
        units.removeAll(keepingCapacity: true)
        units.append(contentsOf: String(decoding: UnsafeBufferPointer(start: term, count: length), as: UTF8.self).utf16)
        let count = units.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { PorterStemmer<UInt16>.stem($0, count: buffer.count) } ?? 0
        }
        var written = 0
        for byte in String(decoding: units[..<count], as: UTF16.self).utf8 {
            term[written] = byte
            written += 1
        }
        return written
    }

    /// Full lower-casing of Unicode in the root locale, which looks at the letters around a final sigma.
    private mutating func writeLowercased(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        let term = room + used
        units.removeAll(keepingCapacity: true)
        units.append(contentsOf: String(decoding: word, as: UTF8.self).utf16)
        if lowered.count < units.count * 3 { lowered = [UInt16](repeating: 0, count: units.count * 3) }
        let count = apus_u_strToLower(&lowered, Int32(lowered.count), units, Int32(units.count))
        var written = 0
        for byte in String(decoding: lowered[..<Int(max(0, count))], as: UTF16.self).utf8 {
            term[written] = byte
            written += 1
        }
        return written
    }
}
