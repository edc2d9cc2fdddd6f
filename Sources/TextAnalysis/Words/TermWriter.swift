import CICU

/// Makes terms of the words that ``WordTokenizer`` finds, for any text: the slow, general twin of ``ASCIIWords``.
///
/// Marked safe because whoever makes one, in an expression marked unsafe, lends it the memory for as long as it lives.
@safe struct TermWriter<L: Language> {
    let room: UnsafeMutablePointer<UInt8>
    let offset: Int32
    private let language: L
    private var used = 0
    private var units: [UInt16] = []
    private var lowered: [UInt16] = []

    init(_ language: L, room: UnsafeMutablePointer<UInt8>, offset: Int32) {
        self.language = language
        unsafe self.room = unsafe room
        self.offset = offset
    }

    /// Writes the terms of `text` to the room and returns the bytes used.
    mutating func write(_ text: UnsafeBufferPointer<UInt8>, ends: inout [Int32]) -> Int {
        let tokenizer = unsafe WordTokenizer(text)
        var position = 0
        while let word = tokenizer.nextWord(from: position) {
            position = word.upperBound
            let bytes = unsafe UnsafeBufferPointer(rebasing: text[word])
            let length =
                if let count = unsafe lowercaseASCII(bytes) {
                    unsafe language.finish(room + used, count, isASCII: true)
                } else {
                    unsafe L.lowersWholeWords ? writeLowercased(bytes) : writeLowered(bytes)
                }
            guard length > 0 else { continue }
            used += length
            ends.append(offset + Int32(used))
        }
        return used
    }

    /// Writes the word in lower case when it is all ASCII and returns its length; nil when it is not.
    private func lowercaseASCII(_ word: UnsafeBufferPointer<UInt8>) -> Int? {
        let term = unsafe room + used
        for index in 0..<word.count {
            let byte = unsafe word[index]
            if byte >= 0x80 { return nil }
            unsafe term[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        return word.count
    }

    /// Lower-cases each code point alone.
    private func writeLowered(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        let term = unsafe room + used
        var length = 0
        var isASCII = true
        var position = 0
        while position < word.count {
            let (codePoint, size) = unsafe UTF8Scalar.decode(word, at: position)
            position += size
            let lower = UInt32(bitPattern: apus_u_tolower(Int32(bitPattern: codePoint)))
            if lower >= 0x80 { isASCII = false }
            unsafe length += UTF8Scalar.encode(lower, to: term + length)
        }
        return unsafe language.finish(term, length, isASCII: isASCII)
    }

    /// Full lower-casing of Unicode in the root locale, which looks at the letters around a final sigma.
    private mutating func writeLowercased(_ word: UnsafeBufferPointer<UInt8>) -> Int {
        let term = unsafe room + used
        units.removeAll(keepingCapacity: true)
        unsafe units.append(contentsOf: String(decoding: word, as: UTF8.self).utf16)
        if lowered.count < units.count * 3 { lowered = [UInt16](repeating: 0, count: units.count * 3) }
        let count = unsafe apus_u_strToLower(&lowered, Int32(lowered.count), units, Int32(units.count))
        var written = 0
        for byte in String(decoding: lowered[..<Int(max(0, count))], as: UTF16.self).utf8 {
            unsafe term[written] = byte
            written += 1
        }
        return unsafe language.finish(term, written, isASCII: false)
    }
}
