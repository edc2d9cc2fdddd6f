/// The suffix stripping algorithm of M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980,
/// with the three changes of the author's own later program (`bli` and `logi` in step 2, words of one or two
/// letters stay).
///
/// The word is lower-case and is changed in place. `Unit` is a byte for ASCII words and a UTF-16 code unit for others,
/// where every unit outside `a`...`z` counts as a consonant; the lengths it compares are UTF-16 lengths.
///
/// Marked safe because one lives only inside ``stem(_:count:)``, whose caller lends it the word.
@safe struct PorterStemmer<Unit: FixedWidthInteger & UnsignedInteger> {
    private let word: UnsafeMutablePointer<Unit>
    /// The index of the word's last unit.
    private var last: Int
    /// The index of the last unit of the stem before the suffix found by ``endsWith(_:)``.
    private var stemEnd = 0

    /// Stems the `count` units at `word` and returns how many remain.
    static func stem(_ word: UnsafeMutablePointer<Unit>, count: Int) -> Int {
        guard count > 2 else { return count }
        var stemmer = unsafe PorterStemmer(word: word, last: count - 1)
        stemmer.removePlural()
        stemmer.removePastAndGerund()
        stemmer.turnYIntoI()
        stemmer.shortenDoubleSuffix()
        stemmer.removeAdjectiveSuffix()
        stemmer.removeSingleSuffix()
        stemmer.removeFinalE()
        return stemmer.last + 1
    }

    private init(word: UnsafeMutablePointer<Unit>, last: Int) {
        unsafe self.word = unsafe word
        self.last = last
    }

    // MARK: Conditions

    @inline(__always)
    private func isConsonant(_ index: Int) -> Bool {
        let letter = unsafe UInt32(truncatingIfNeeded: word[index]) &- 0x61
        if letter == 0x79 - 0x61 { return isConsonantY(index) }
        return letter >= 26 || Self.vowels >> letter & 1 == 0
    }

    /// The letters a, e, i, o, u as bits.
    private static var vowels: UInt32 { 1 << 0 | 1 << 4 | 1 << 8 | 1 << 14 | 1 << 20 }

    /// A `y` is a consonant at the start and after a vowel, which a `y` before it may be.
    private func isConsonantY(_ index: Int) -> Bool {
        index == 0 ? true : !isConsonant(index - 1)
    }

    /// The number of vowel–consonant sequences in the stem, Porter's *m*.
    private func measure() -> Int {
        var count = 0
        var index = 0
        while index <= stemEnd, isConsonant(index) { index += 1 }
        while true {
            while index <= stemEnd, !isConsonant(index) { index += 1 }
            if index > stemEnd { return count }
            count += 1
            while index <= stemEnd, isConsonant(index) { index += 1 }
            if index > stemEnd { return count }
        }
    }

    private func stemHasVowel() -> Bool {
        var index = 0
        while index <= stemEnd {
            if !isConsonant(index) { return true }
            index += 1
        }
        return false
    }

    private func endsInDoubleConsonant(_ index: Int) -> Bool {
        unsafe index >= 1 && word[index] == word[index - 1] && isConsonant(index)
    }

    /// Porter's condition *o*: consonant, vowel, consonant up to `index`, the last not `w`, `x` or `y`.
    private func endsInShortSyllable(_ index: Int) -> Bool {
        guard index >= 2, isConsonant(index), !isConsonant(index - 1), isConsonant(index - 2) else { return false }
        let unit = unsafe UInt32(truncatingIfNeeded: word[index])
        return unit != 0x77 && unit != 0x78 && unit != 0x79
    }

    @inline(__always)
    private mutating func endsWith(_ suffix: StaticString) -> Bool {
        let length = suffix.utf8CodeUnitCount
        let start = last + 1 - length
        let units = unsafe suffix.utf8Start
        guard start >= 0, unsafe word[last] == Unit(units[length - 1]) else { return false }
        for offset in 0..<length - 1 where unsafe word[start + offset] != Unit(units[offset]) { return false }
        stemEnd = start - 1
        return true
    }

    // MARK: Changes

    private mutating func setSuffix(_ suffix: StaticString) {
        let length = suffix.utf8CodeUnitCount
        for offset in 0..<length { unsafe word[stemEnd + 1 + offset] = unsafe Unit(suffix.utf8Start[offset]) }
        last = stemEnd + length
    }

    /// Replaces `suffix` when the stem before it has a positive measure.
    ///
    /// - Returns: Whether the word ended with it, so that no later rule of the step may apply.
    private mutating func replace(_ suffix: StaticString, _ replacement: StaticString) -> Bool {
        guard endsWith(suffix) else { return false }
        if measure() > 0 { setSuffix(replacement) }
        return true
    }

    /// Step 1a: caresses → caress, ponies → poni, cats → cat.
    private mutating func removePlural() {
        guard unsafe word[last] == 0x73 else { return }
        if endsWith("sses") {
            last -= 2
        } else if endsWith("ies") {
            setSuffix("i")
        } else if unsafe word[last - 1] != 0x73 {
            last -= 1
        }
    }

    /// Step 1b: feed stays, agreed → agree, plastered → plaster, motoring → motor.
    private mutating func removePastAndGerund() {
        if endsWith("eed") {
            if measure() > 0 { last -= 1 }
        } else if endsWith("ed") || endsWith("ing"), stemHasVowel() {
            last = stemEnd
            if endsWith("at") {
                setSuffix("ate")
            } else if endsWith("bl") {
                setSuffix("ble")
            } else if endsWith("iz") {
                setSuffix("ize")
            } else if endsInDoubleConsonant(last) {
                let unit = unsafe word[last]
                if unit != 0x6C && unit != 0x73 && unit != 0x7A { last -= 1 }
            } else if measure() == 1, endsInShortSyllable(last) {
                stemEnd = last
                setSuffix("e")
            }
        }
    }

    /// Step 1c: happy → happi.
    private mutating func turnYIntoI() {
        if endsWith("y"), stemHasVowel() { unsafe word[last] = 0x69 }
    }

    /// Step 2: -ization → -ize and the like.
    private mutating func shortenDoubleSuffix() {
        guard last > 0 else { return }
        switch unsafe UInt32(truncatingIfNeeded: word[last - 1]) {
        case 0x61: _ = replace("ational", "ate") || replace("tional", "tion")
        case 0x63: _ = replace("enci", "ence") || replace("anci", "ance")
        case 0x65: _ = replace("izer", "ize")
        case 0x6C:
            _ =
                replace("bli", "ble") || replace("alli", "al") || replace("entli", "ent") || replace("eli", "e")
                || replace("ousli", "ous")
        case 0x6F: _ = replace("ization", "ize") || replace("ation", "ate") || replace("ator", "ate")
        case 0x73:
            _ =
                replace("alism", "al") || replace("iveness", "ive") || replace("fulness", "ful")
                || replace("ousness", "ous")
        case 0x74: _ = replace("aliti", "al") || replace("iviti", "ive") || replace("biliti", "ble")
        case 0x67: _ = replace("logi", "log")
        default: break
        }
    }

    /// Step 3: -ic-, -full, -ness and the like.
    private mutating func removeAdjectiveSuffix() {
        switch unsafe UInt32(truncatingIfNeeded: word[last]) {
        case 0x65: _ = replace("icate", "ic") || replace("ative", "") || replace("alize", "al")
        case 0x69: _ = replace("iciti", "ic")
        case 0x6C: _ = replace("ical", "ic") || replace("ful", "")
        case 0x73: _ = replace("ness", "")
        default: break
        }
    }

    /// Step 4: -ant, -ence and the like, when the stem before them has a measure above one.
    private mutating func removeSingleSuffix() {
        guard last > 0 else { return }
        let found: Bool
        switch unsafe UInt32(truncatingIfNeeded: word[last - 1]) {
        case 0x61: found = endsWith("al")
        case 0x63: found = endsWith("ance") || endsWith("ence")
        case 0x65: found = endsWith("er")
        case 0x69: found = endsWith("ic")
        case 0x6C: found = endsWith("able") || endsWith("ible")
        case 0x6E: found = endsWith("ant") || endsWith("ement") || endsWith("ment") || endsWith("ent")
        case 0x6F:
            found =
                unsafe (endsWith("ion") && stemEnd >= 0 && (word[stemEnd] == 0x73 || word[stemEnd] == 0x74))
                || endsWith("ou")
        case 0x73: found = endsWith("ism")
        case 0x74: found = endsWith("ate") || endsWith("iti")
        case 0x75: found = endsWith("ous")
        case 0x76: found = endsWith("ive")
        case 0x7A: found = endsWith("ize")
        default: found = false
        }
        if found, measure() > 1 { last = stemEnd }
    }

    /// Step 5: probate → probat, cease stays, controll → control.
    private mutating func removeFinalE() {
        stemEnd = last
        if unsafe word[last] == 0x65 {
            let count = measure()
            if count > 1 || (count == 1 && !endsInShortSyllable(last - 1)) { last -= 1 }
        }
        if unsafe word[last] == 0x6C, endsInDoubleConsonant(last), measure() > 1 { last -= 1 }
    }
}
