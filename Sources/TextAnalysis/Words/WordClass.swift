import CICU

/// What a code point is to the word boundary rules of ``WordTokenizer``.
///
/// The low four bits hold one of the exclusive word-break classes, the others are flags.
struct WordClass: Equatable {
    let bits: UInt16

    static let other: UInt16 = 0
    static let letter: UInt16 = 1
    static let hebrewLetter: UInt16 = 2
    static let numeric: UInt16 = 3
    static let katakana: UInt16 = 4
    static let extendNumLet: UInt16 = 5
    static let midLetter: UInt16 = 6
    static let midNumeric: UInt16 = 7
    /// Between letters and between digits: the full stop and its kin.
    static let midNumLet: UInt16 = 8
    static let singleQuote: UInt16 = 9
    static let doubleQuote: UInt16 = 10
    /// Extend, Format or ZWJ: belongs to the character before it (rule WB4).
    static let extend: UInt16 = 11
    static let ideograph: UInt16 = 12
    static let hiragana: UInt16 = 13
    static let regionalIndicator: UInt16 = 14

    /// Line break class SA: Thai, Lao, Khmer and Burmese, where words are not told by single characters.
    static let complexContext: UInt16 = 1 << 4
    static let emoji: UInt16 = 1 << 5
    static let emojiModifier: UInt16 = 1 << 6
    static let keycapBase: UInt16 = 1 << 7

    /// The exclusive word-break class.
    var kind: UInt16 { bits & 15 }

    func has(_ flag: UInt16) -> Bool { bits & flag != 0 }

    /// Looks the code point up in a table, or asks ICU beyond the basic plane.
    init(_ codePoint: UInt32) {
        bits = codePoint < 0x10000 ? Self.basicPlane[Int(codePoint)] : Self.classify(codePoint)
    }

    /// 128 KiB, built when the first text that is not ASCII comes.
    private static let basicPlane: [UInt16] = (0..<0x10000).map(classify)

    /// The Unicode version, its first number, that assigned the code point; 0 for none.
    static func age(_ codePoint: UInt32) -> Int { Int(apus_u_charAge(Int32(bitPattern: codePoint))) }

    private static func classify(_ codePoint: UInt32) -> UInt16 {
        let c = Int32(bitPattern: codePoint)
        return kind(c) | flags(c)
    }

    private static func kind(_ c: Int32) -> UInt16 {
        switch apus_u_getIntPropertyValue(c, apus_WORD_BREAK) {
        case apus_WB_ALETTER: return letter
        case apus_WB_HEBREW_LETTER: return hebrewLetter
        case apus_WB_NUMERIC: return numeric
        case apus_WB_KATAKANA: return katakana
        case apus_WB_EXTENDNUMLET: return extendNumLet
        case apus_WB_MIDLETTER: return midLetter
        case apus_WB_MIDNUM: return midNumeric
        case apus_WB_MIDNUMLET: return midNumLet
        case apus_WB_SINGLE_QUOTE: return singleQuote
        case apus_WB_DOUBLE_QUOTE: return doubleQuote
        case apus_WB_REGIONAL_INDICATOR: return regionalIndicator
        case apus_WB_EXTEND, apus_WB_FORMAT, apus_WB_ZWJ:
            return extend
        default: break
        }
        switch apus_u_getIntPropertyValue(c, apus_SCRIPT) {
        case apus_SCRIPT_HAN: return ideograph
        case apus_SCRIPT_HIRAGANA: return hiragana
        default: return other
        }
    }

    private static func flags(_ c: Int32) -> UInt16 {
        var flags: UInt16 = 0
        if apus_u_getIntPropertyValue(c, apus_LINE_BREAK) == apus_LB_COMPLEX_CONTEXT {
            flags |= complexContext
        }
        let isKeycapBase = (0x30...0x39).contains(c) || c == 0x23 || c == 0x2A
        if isKeycapBase { flags |= keycapBase }
        let isModifier = apus_u_hasBinaryProperty(c, apus_EMOJI_MODIFIER)
        if isModifier { flags |= emojiModifier }
        let isRegional = (0x1F1E6...0x1F1FF).contains(c)
        let isPictograph =
            apus_u_hasBinaryProperty(c, apus_EXTENDED_PICTOGRAPHIC)
            || apus_u_hasBinaryProperty(c, apus_EMOJI)
        if isPictograph, !isKeycapBase, !isModifier, !isRegional { flags |= emoji }
        return flags
    }
}
