/// Finds the words of a text as Lucene's StandardTokenizer does.
///
/// These are the word boundaries of [UAX #29](https://www.unicode.org/reports/tr29/), of which only the segments with a
/// letter, digit, ideograph, syllable or emoji are words. No dictionary is used: an ideograph or Hiragana character is
/// a word by itself and a run of Thai, Lao, Khmer or Burmese is one word. A word has at most 255 UTF-16 code units;
/// what is longer is cut there.
///
/// Marked safe because whoever makes one, in an expression marked unsafe, lends it the memory for as long as it lives.
@safe struct WordTokenizer {
    /// The most UTF-16 code units in one word.
    static let maximumLength = 255

    /// One decoded code point of the text.
    struct Character {
        let codePoint: UInt32
        let wordClass: WordClass
        /// The offset of the byte after it.
        let end: Int
        /// The UTF-16 code units from the start of the word to the end of this character.
        let units: Int

        /// Whether it may stand between two letters or two digits.
        var isMark: Bool {
            switch wordClass.kind {
            case WordClass.midLetter, WordClass.midNumeric, WordClass.midNumLet, WordClass.singleQuote,
                WordClass.doubleQuote:
                true
            default: false
            }
        }
    }

    private let text: UnsafeBufferPointer<UInt8>

    /// - Parameter text: Valid UTF-8; must outlive the tokenizer.
    init(_ text: UnsafeBufferPointer<UInt8>) { unsafe self.text = unsafe text }

    /// The bytes of the first word that starts at or after `offset`, nil at the end of the text.
    func nextWord(from offset: Int) -> Range<Int>? {
        var start = offset
        while let first = character(at: start, units: 0) {
            if let end = wordEnd(from: start, first: first) { return start..<end }
            start = first.end
        }
        return nil
    }

    /// The longest word that starts at `start`, if any rule makes one.
    private func wordEnd(from start: Int, first: Character) -> Int? {
        var end = alphanumericEnd(first)
        if first.wordClass.has(WordClass.complexContext) { end = max(end, runEnd(first, WordClass.complexContext)) }
        switch first.wordClass.kind {
        case WordClass.ideograph, WordClass.hiragana: end = max(end, skipExtend(first).end)
        case WordClass.regionalIndicator:
            let last = skipExtend(first)
            if let next = character(after: last), next.wordClass.kind == WordClass.regionalIndicator {
                end = max(end, skipExtend(next).end)
            }
        default: break
        }
        end = max(end, emojiEnd(first))
        return end > 0 ? end : nil
    }

    // MARK: Letters and digits (WB5–WB13b)

    /// Runs the rules for letters, digits, Katakana and connectors; 0 when no word starts with `first`.
    private func alphanumericEnd(_ first: Character) -> Int {
        var end = 0
        /// What joined last; `other` at the start. After a Hebrew letter with a quote, where no mark may follow,
        /// it is `singleQuote`.
        var state = WordClass.other
        /// A mark that joins only when the right character follows it.
        var mark = WordClass.other
        var current: Character? = first
        while let character = current {
            let kind = character.wordClass.kind
            if mark != WordClass.other {
                guard let next = stateAfter(mark, between: state, and: kind) else { return end }
                (state, mark) = (next, WordClass.other)
            } else if kind == WordClass.extendNumLet {
                state = kind
            } else if kind == WordClass.letter || kind == WordClass.hebrewLetter || kind == WordClass.numeric {
                guard state != WordClass.katakana else { return end }
                state = kind
            } else if kind == WordClass.katakana {
                guard state == WordClass.other || state == kind || state == WordClass.extendNumLet else { return end }
                state = kind
            } else if kind == WordClass.singleQuote, state == WordClass.hebrewLetter {
                state = kind
            } else {
                guard state != WordClass.other, character.isMark else { return end }
                mark = kind
            }
            let last = skipExtend(character)
            // Connectors alone are no word.
            if mark == WordClass.other, state != WordClass.extendNumLet || end > 0 { end = last.end }
            current = self.character(after: last)
        }
        return end
    }

    /// The state after a mark that stands between two characters, nil when the three do not join (WB6, WB7, WB11).
    private func stateAfter(_ mark: UInt16, between state: UInt16, and kind: UInt16) -> UInt16? {
        switch (state, kind) {
        case (WordClass.hebrewLetter, WordClass.hebrewLetter) where mark == WordClass.doubleQuote:
            return WordClass.singleQuote
        case (WordClass.letter, WordClass.letter), (WordClass.letter, WordClass.hebrewLetter),
            (WordClass.hebrewLetter, WordClass.letter), (WordClass.hebrewLetter, WordClass.hebrewLetter):
            let joins = mark == WordClass.midLetter || mark == WordClass.midNumLet || mark == WordClass.singleQuote
            // In Lucene's grammar a Hebrew letter behind a mark takes no quote of its own.
            return joins ? WordClass.letter : nil
        case (WordClass.numeric, WordClass.numeric):
            let joins = mark == WordClass.midNumeric || mark == WordClass.midNumLet || mark == WordClass.singleQuote
            return joins ? kind : nil
        default: return nil
        }
    }

    // MARK: Runs

    /// The end of the run of characters with `flag` that `first` starts.
    private func runEnd(_ first: Character, _ flag: UInt16) -> Int {
        var last = skipExtend(first)
        while let next = character(after: last), next.wordClass.has(flag) { last = skipExtend(next) }
        return last.end
    }

    // MARK: Characters

    /// Passes over the characters of class Extend, Format and ZWJ after `character` (WB4).
    func skipExtend(_ character: Character, sansSelectors: Bool = false) -> Character {
        var last = character
        while let next = self.character(after: last), next.wordClass.kind == WordClass.extend {
            if sansSelectors, next.codePoint == 0xFE0E || next.codePoint == 0xFE0F { break }
            last = next
        }
        return last
    }

    /// The character after `last`, nil at the end of the text and where the word would become too long.
    func character(after last: Character) -> Character? { character(at: last.end, units: last.units) }

    /// Decodes the character at `offset`, nil at the end of the text and where the word would become too long.
    func character(at offset: Int, units: Int) -> Character? {
        guard unsafe offset < text.count else { return nil }
        let (codePoint, length) = unsafe UTF8Scalar.decode(text, at: offset)
        let newUnits = units + (codePoint < 0x10000 ? 1 : 2)
        guard newUnits <= Self.maximumLength else { return nil }
        return Character(
            codePoint: codePoint, wordClass: WordClass(codePoint), end: offset + length, units: newUnits)
    }
}
