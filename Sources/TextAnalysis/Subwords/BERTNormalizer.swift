import CICU

/// The character rules of BERT's tokenization, as the Hugging Face `tokenizers` library defines them.
struct BERTNormalizer: Sendable, Equatable {
    /// Whether control characters are removed and every white space becomes a space.
    var cleansText = true
    /// Whether each ideograph is a word by itself.
    var handlesChineseCharacters = true
    /// Whether the text is decomposed and its nonspacing marks are dropped.
    var stripsAccents = true
    /// Whether letters are made lower-case.
    var lowercases = true

    /// What one code point is to the splitting into words.
    enum Kind: UInt8 {
        case word
        case whitespace
        case punctuation
    }

    /// The Unicode version, its first number, that assigned the code point; 0 for none.
    static func age(_ c: UInt32) -> Int32 { apus_u_charAge(Int32(bitPattern: c)) }

    /// The general category in Unicode 8, whose table that library has; later code points are unassigned.
    private static func category(_ c: UInt32) -> Int8 {
        switch c {
        // What Unicode has put into another category since.
        case 0x166D, 0x111C9: return apus_OTHER_PUNCTUATION
        case 0x1734: return apus_NON_SPACING_MARK
        case 0x1885, 0x1886, 0xA9BD: return apus_OTHER_LETTER
        default: return age(c) > 8 ? apus_UNASSIGNED : apus_u_charType(Int32(bitPattern: c))
        }
    }

    /// Whether `c` is white space to the splitting (Unicode White_Space).
    static func isWhitespace(_ c: UInt32) -> Bool {
        apus_u_hasBinaryProperty(Int32(bitPattern: c), apus_WHITE_SPACE)
    }

    /// Whether cleaning removes `c`: a control, format or private-use character, or U+FFFD.
    static func isRemoved(_ c: UInt32) -> Bool {
        if c == 0x09 || c == 0x0A || c == 0x0D { return false }
        if c == 0 || c == 0xFFFD { return true }
        switch category(c) {
        case apus_CONTROL_CHAR, apus_FORMAT_CHAR, apus_PRIVATE_USE_CHAR, apus_SURROGATE:
            return true
        default: return false
        }
    }

    /// Whether `c` is a word by itself: ASCII punctuation and symbols, or a code point of category P.
    static func isPunctuation(_ c: UInt32) -> Bool {
        if c < 0x80 {
            return (0x21...0x2F).contains(c) || (0x3A...0x40).contains(c) || (0x5B...0x60).contains(c)
                || (0x7B...0x7E).contains(c)
        }
        switch category(c) {
        case apus_DASH_PUNCTUATION...apus_OTHER_PUNCTUATION, apus_INITIAL_PUNCTUATION, apus_FINAL_PUNCTUATION:
            return true
        default: return false
        }
    }

    /// Whether `c` is an ideograph in the sense of BERT's own list of blocks.
    static func isChinese(_ c: UInt32) -> Bool {
        switch c {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F,
            0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F:
            true
        default: false
        }
    }

    /// The kind of a code point that is already normalised.
    static func kind(_ c: UInt32) -> Kind {
        isWhitespace(c) ? .whitespace : isPunctuation(c) ? .punctuation : .word
    }

    /// Calls `body` with each code point that `c` becomes.
    ///
    /// Canonical reordering is left out: of the marks that it moves all but the stems of musical notes and Hangul tone
    /// marks are dropped, and no vocabulary has two of those in one piece.
    func normalize(_ c: UInt32, _ body: (UInt32) -> Void) {
        guard stripsAccents else { return lowercase(c, body) }
        unsafe withUnsafeTemporaryAllocation(of: UInt16.self, capacity: 32) { units in
            guard let base = units.baseAddress else { return }
            // That library's decompositions are older too.
            let count = unsafe Self.age(c) > 12 ? -1 : Int(apus_canonicalDecomposition(Int32(bitPattern: c), base, 32))
            guard count >= 0 else {
                if !Self.isNonspacingMark(c) { lowercase(c, body) }
                return
            }
            var index = 0
            while index < count {
                var codePoint = unsafe UInt32(units[index])
                index += 1
                if codePoint & 0xFC00 == 0xD800, index < count {
                    codePoint = unsafe 0x10000 + (codePoint & 0x3FF) << 10 + UInt32(units[index]) & 0x3FF
                    index += 1
                }
                if !Self.isNonspacingMark(codePoint) { lowercase(codePoint, body) }
            }
        }
    }

    private static func isNonspacingMark(_ c: UInt32) -> Bool {
        category(c) == apus_NON_SPACING_MARK
    }

    private func lowercase(_ c: UInt32, _ body: (UInt32) -> Void) {
        guard lowercases else { return body(c) }
        if c == 0x130 {
            // The only code point whose lower case is two, whatever stands around it.
            body(0x69)
            body(0x307)
        } else {
            body(UInt32(bitPattern: apus_u_tolower(Int32(bitPattern: c))))
        }
    }
}
