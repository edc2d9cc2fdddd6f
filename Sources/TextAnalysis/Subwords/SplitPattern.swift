import CICU

/// The regular expressions by which byte-level BPE tokenizers cut a text into words, matched by hand.
struct SplitPattern: Sendable, Equatable {
    /// GPT-2, RoBERTa, ModernBERT.
    static let gpt2 = SplitPattern(isModern: false, digits: .max)
    /// Llama 3: at most three digits, words take any one character before them.
    static let llama3 = SplitPattern(isModern: true, digits: 3)
    /// Qwen 2 and 3: as Llama 3, but each digit is a word.
    static let qwen2 = SplitPattern(isModern: true, digits: 1)

    private let isModern: Bool
    private let digits: Int

    private init(isModern: Bool, digits: Int) {
        self.isModern = isModern
        self.digits = digits
    }

    private static let expressions: [(String, SplitPattern)] = [
        (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
        (modern("{1,3}"), .llama3),
        (modern(""), .qwen2),
    ]

    private static func modern(_ digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// The pattern that is written as `expression`; nil for one that this library does not know.
    init?(expression: String) {
        guard let known = Self.expressions.first(where: { $0.0 == expression }) else { return nil }
        self = known.1
    }

    enum Kind { case letter, number, space, other }

    /// What `\p{L}`, `\p{N}` and `\s` make of a code point.
    static func kind(_ c: UInt32) -> Kind {
        if c < 0x80 {
            if c &- 0x30 < 10 { return .number }
            if (c | 0x20) &- 0x61 < 26 { return .letter }
            return c == 0x20 || c &- 9 < 5 ? .space : .other
        }
        if apus_u_hasBinaryProperty(Int32(bitPattern: c), apus_WHITE_SPACE) { return .space }
        switch apus_u_charType(Int32(bitPattern: c)) {
        case 1...5: return .letter
        case 9...11: return .number
        default: return .other
        }
    }

    /// The end of the word that starts at `start`; every text is a chain of words.
    func wordEnd(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ limit: Int) -> Int {
        let cursor = unsafe Cursor(text: text, limit: limit)
        if let end = contraction(cursor, start) { return end }
        let first = cursor.kind(start)
        let second = start + cursor.length(start)
        let isSpace = unsafe text[start] == 0x20
        let mayLead =
            unsafe isModern
            ? first != .letter && first != .number && text[start] != 0x0A && text[start] != 0x0D : isSpace
        if first == .letter || mayLead && cursor.kind(second) == .letter {
            return cursor.run(first == .letter ? start : second, of: .letter)
        }
        if first == .number { return cursor.run(start, of: .number, atMost: digits) }
        if !isModern, isSpace, cursor.kind(second) == .number { return cursor.run(second, of: .number) }
        if first == .other || isSpace && cursor.kind(second) == .other {
            var end = cursor.run(first == .other ? start : second, of: .other)
            while isModern, end < limit, unsafe text[end] == 0x0A || text[end] == 0x0D { end += 1 }
            return end
        }
        return spaces(cursor, start)
    }

    /// White space: to the last line break, or else all but the last character before a word.
    private func spaces(_ cursor: Cursor, _ start: Int) -> Int {
        var (end, last, lineEnd) = (start, start, -1)
        while cursor.kind(end) == .space {
            last = end
            end += cursor.length(end)
            if unsafe cursor.text[last] == 0x0A || cursor.text[last] == 0x0D { lineEnd = end }
        }
        if isModern, lineEnd > 0 { return lineEnd }
        return end == cursor.limit || last == start ? end : last
    }

    /// `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll`, `'d`.
    private func contraction(_ cursor: Cursor, _ start: Int) -> Int? {
        guard unsafe cursor.text[start] == 0x27, start + 1 < cursor.limit else { return nil }
        func letter(_ index: Int) -> UInt8 {
            guard index < cursor.limit else { return 0 }
            let byte = unsafe cursor.text[index]
            return isModern && byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        // The long s is an s when case does not count.
        if isModern, start + 2 < cursor.limit, unsafe cursor.text[start + 1] == 0xC5,
            unsafe cursor.text[start + 2] == 0xBF
        {
            return start + 3
        }
        switch (letter(start + 1), letter(start + 2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return start + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")),
            (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return start + 3
        default: return nil
        }
    }

    /// Marked safe because whoever makes one, in an expression marked unsafe, lends it the memory for as long as it lives.
    @safe private struct Cursor {
        let text: UnsafeBufferPointer<UInt8>
        let limit: Int

        /// Nil at the end.
        func kind(_ position: Int) -> Kind? {
            unsafe position < limit ? SplitPattern.kind(UTF8Scalar.decode(text, at: position).codePoint) : nil
        }

        func length(_ position: Int) -> Int { unsafe UTF8Scalar.decode(text, at: position).length }

        func run(_ start: Int, of kind: Kind, atMost count: Int = .max) -> Int {
            var (end, left) = (start, count)
            while left > 0, self.kind(end) == kind {
                end += length(end)
                left -= 1
            }
            return end
        }
    }
}
