/// A text as the hashes of its words, small letters and no punctuation: what sketches and guesses are made of.
///
/// Letters and digits make words, in any script; where words are written without spaces (Han, kana, Thai, …), each character is one.
struct WordHashes: Sendable {
    /// One hash for each word, in the order of the text.
    private(set) var words: [UInt64] = []
    /// Letters of each script.
    private(set) var scripts = ScriptCounts()

    init(_ text: String) {
        words.reserveCapacity(text.utf8.count / 6)
        var word = TextHash()
        var isInWord = false
        func end(_ words: inout [UInt64]) {
            guard isInWord else { return }
            word.finish()
            words.append(word.value)
            word = TextHash()
            isInWord = false
        }
        for scalar in text.unicodeScalars {
            let value = scalar.value
            if value < 0x80 {
                let byte = UInt8(truncatingIfNeeded: value)
                switch byte {
                case 0x61...0x7A, 0x30...0x39: word.add(byte)
                case 0x41...0x5A: word.add(byte | 0x20)
                default:
                    // An apostrophe inside a word is no end of it.
                    if byte != 0x27 { end(&words) }
                    continue
                }
                if byte > 0x39 { scripts.latin += 1 }
                isInWord = true
                continue
            }
            // A combining mark belongs to its letter.
            if (0x300...0x36F).contains(value) {
                for byte in UTF8.encode(scalar) ?? .init() { word.add(byte) }
                continue
            }
            guard value != 0x2019, scalar.properties.isAlphabetic || scalar.properties.numericType != nil else {
                if value != 0x2019 { end(&words) }
                continue
            }
            scripts.add(value)
            if ScriptCounts.standsAlone(value) {
                end(&words)
                words.append(UInt64(value).mixed)
                continue
            }
            for byte in scalar.properties.lowercaseMapping.utf8 { word.add(byte) }
            isInWord = true
        }
        end(&words)
    }

    /// One hash for the whole sequence of words; nil without any.
    var sequence: UInt64? {
        guard !words.isEmpty else { return nil }
        var hash = TextHash()
        for word in words { hash.add(word) }
        hash.finish()
        return hash.value
    }

    /// The hash of one word as it appears in ``words``.
    static func hash(_ word: String) -> UInt64 { WordHashes(word).words.first ?? 0 }
}

/// Letters of a text by script.
struct ScriptCounts: Sendable {
    var latin = 0
    var cyrillic = 0
    var greek = 0
    var arabic = 0
    var hebrew = 0
    var devanagari = 0
    var thai = 0
    var han = 0
    var kana = 0
    var hangul = 0
    var other = 0

    var all: Int {
        latin + cyrillic + greek + arabic + hebrew + devanagari + thai + han + kana + hangul + other
    }

    mutating func add(_ scalar: UInt32) {
        switch scalar {
        case 0xAA..<0x250, 0x1E00..<0x1F00: latin += 1
        case 0x370..<0x400, 0x1F00..<0x2000: greek += 1
        case 0x400..<0x530: cyrillic += 1
        case 0x590..<0x600: hebrew += 1
        case 0x600..<0x780: arabic += 1
        case 0x900..<0x980: devanagari += 1
        case 0xE00..<0xE80: thai += 1
        case 0x3040..<0x3100: kana += 1
        case 0xAC00..<0xD7B0, 0x1100..<0x1200: hangul += 1
        case 0x3400..<0xA000, 0xF900..<0xFB00, 0x20000..<0x32000: han += 1
        default: other += 1
        }
    }

    /// Whether a character is a word by itself.
    static func standsAlone(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xE00..<0xE80, 0xE80..<0xF00, 0x1000..<0x10A0, 0x1780..<0x1800, 0x3040..<0x3100, 0x3400..<0xA000,
            0xF900..<0xFB00, 0x20000..<0x32000:
            true
        default: false
        }
    }
}
