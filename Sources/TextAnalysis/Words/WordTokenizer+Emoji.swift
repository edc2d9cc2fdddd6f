/// Emoji sequences as Lucene's grammar takes them from [UTS #51](https://www.unicode.org/reports/tr51/).
extension WordTokenizer {
    /// The end of the longest emoji sequence that `first` starts, 0 when there is none.
    func emojiEnd(_ first: Character) -> Int {
        let flags = WordClass.emoji | WordClass.emojiModifier
        if first.wordClass.has(WordClass.keycapBase) { return keycapEnd(first) }
        guard first.wordClass.has(flags) || first.codePoint == Self.zeroWidthJoiner else { return 0 }
        return sequenceEnd(first)
    }

    private static var zeroWidthJoiner: UInt32 { 0x200D }
    private static var emojiSelector: UInt32 { 0xFE0F }

    /// The end of a keycap such as `#️⃣`: what follows `base` is of class Extend, has a keycap and, only right before a
    /// keycap, at most one selector.
    private func keycapEnd(_ base: Character) -> Int {
        var end = 0
        var hasSelector = false
        var last = base
        while let next = character(after: last), next.wordClass.kind == WordClass.extend, next.codePoint != 0xFE0E {
            if next.codePoint == Self.emojiSelector {
                guard !hasSelector, character(after: next)?.codePoint == 0x20E3 else { return end }
                hasSelector = true
            } else if end > 0 || next.codePoint == 0x20E3 {
                end = next.end
            }
            last = next
        }
        return end
    }

    /// The end of emoji that zero-width joiners hold together, or of an emoji with a tag such as a region's flag.
    private func sequenceEnd(_ first: Character) -> Int {
        var end = 0
        var start: Character? = first
        while let current = start, let element = element(current) {
            let isFirst = end == 0
            end = element.last.end
            if isFirst, element.hasSelector { end = max(end, tagEnd(element.last)) }
            guard let next = character(after: element.last) else { return end }
            if element.last.codePoint == Self.zeroWidthJoiner {
                start = next
            } else if next.codePoint == Self.zeroWidthJoiner {
                start = character(after: next)
            } else {
                return end
            }
        }
        return end
    }

    /// One emoji with all that belongs to it, skin tones among it, or a skin tone alone.
    private func element(_ start: Character) -> (last: Character, hasSelector: Bool)? {
        var base = start
        while base.codePoint == Self.zeroWidthJoiner {
            guard let next = character(after: base) else { return nil }
            base = next
        }
        if base.wordClass.has(WordClass.emojiModifier), base.end == start.end {
            return (skipExtend(base, sansSelectors: true), false)
        }
        guard base.wordClass.has(WordClass.emoji) else { return nil }
        let last = skipExtend(base, sansSelectors: true)
        guard let next = character(after: last) else { return (last, false) }
        return next.codePoint == Self.emojiSelector ? (next, true) : (last, false)
    }

    /// The end of the tag characters after `last`, 0 when they are missing or not ended by the cancel tag.
    private func tagEnd(_ last: Character) -> Int {
        var count = 0
        var current = last
        while let next = character(after: current) {
            if next.codePoint == 0xE007F { return count > 0 ? next.end : 0 }
            guard (0xE0020...0xE007E).contains(next.codePoint) else { return 0 }
            count += 1
            current = next
        }
        return 0
    }
}
