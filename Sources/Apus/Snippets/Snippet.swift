import ByteStrings
import InvertedIndex
import LearnedEncoder

/// The part of a document that earned it most of its score, with the words that did.
///
/// A word may be marked that no query holds: where the encoder reads "volcano" and expands it to "lava", it is "volcano" that scored for a query
/// about lava.
public struct Snippet: Sendable, Equatable, Codable {
    /// A word that scored.
    public struct Mark: Sendable, Equatable, Codable {
        /// Where it begins, in bytes of ``Snippet/text``.
        public var start: Int
        /// Where it ends.
        public var end: Int
        /// Its share of what all words of the document give, 0…1.
        public var share: Double
        /// The query terms that it scored for, heaviest first.
        public var terms: [String]
    }

    /// One line of the document; `…` stands where more of it was left out.
    public var text: String
    /// In order, apart from each other.
    public var marks: [Mark]

    /// The text with something around each marked word.
    public func marked(_ open: String, _ close: String) -> String {
        let bytes = Array(text.utf8)
        var (made, from) = ([UInt8](), 0)
        for mark in marks {
            made += bytes[from..<mark.start] + Array(open.utf8) + bytes[mark.start..<mark.end] + Array(close.utf8)
            from = mark.end
        }
        return String(decoding: made + bytes[from...], as: UTF8.self)
    }
}

/// A word of a document and what it gives a query.
struct ScoringWord {
    /// Bytes of the document.
    var range: Range<Int>
    /// In the unit of the query's score.
    var gain: Double
    /// The query terms, with what each gets.
    var terms: [(term: String, gain: Double)]
}

extension Snippet {
    /// Words that give less than this share of the best one are not marked.
    private static let leastShare = 0.1

    /// The window of a text that holds most of what its words give, from a word's beginning to a word's end.
    /// - Parameters:
    ///   - words: In order.
    ///   - length: Bytes of the window, about.
    init(_ content: String, _ words: [ScoringWord], length: Int) {
        // One line: white space of any kind is as wide as a blank, so ranges stay.
        let bytes = content.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
        let window = Self.window(bytes, words, length)
        let total = words.reduce(0) { $0 + $1.gain }
        let best = words.map(\.gain).max() ?? 0
        let (before, after) = (window.lowerBound > 0 ? "… " : "", window.upperBound < bytes.count ? " …" : "")
        text = before + String(decoding: bytes[window], as: UTF8.self) + after
        let shift = before.utf8.count - window.lowerBound
        marks = words.filter {
            window.contains($0.range.lowerBound) && $0.range.upperBound <= window.upperBound
                && $0.gain >= best * Self.leastShare
        }
        .map { word in
            Mark(
                start: word.range.lowerBound + shift, end: word.range.upperBound + shift, share: word.gain / total,
                terms: word.terms.sorted { ($0.gain, $1.term) > ($1.gain, $0.term) }.map(\.term))
        }
    }

    private static func window(_ bytes: [UInt8], _ words: [ScoringWord], _ length: Int) -> Range<Int> {
        guard bytes.count > length else { return 0..<bytes.count }
        var best = (gain: 0.0, first: 0, last: -1)
        var (first, gain) = (0, 0.0)
        for (last, word) in words.enumerated() {
            gain += word.gain
            while words[first].range.lowerBound < word.range.upperBound - length {
                gain -= words[first].gain
                first += 1
            }
            if gain > best.gain { best = (gain, first, last) }
        }
        guard best.last >= 0 else { return 0..<boundary(bytes, length, from: 0) }
        // What is left of the window lies around the words, most of it behind them, and begins with a sentence where one is near.
        let (low, high) = (words[best.first].range.lowerBound, words[best.last].range.upperBound)
        let room = max(0, length - (high - low))
        var start = max(0, low - room / 3)
        if let sentence = sentence(bytes, max(0, low - room)..<low) { start = sentence }
        while start > 0, start < low, bytes[start - 1] != 0x20 { start += 1 }
        return start..<max(high, boundary(bytes, start + length, from: high))
    }

    /// The last place in a range where a sentence begins.
    private static func sentence(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
        if range.lowerBound == 0 { return 0 }
        return range.first { place in
            place > 1 && bytes[place - 1] == 0x20
                && [UInt8(ascii: "."), UInt8(ascii: "!"), UInt8(ascii: "?")].contains(bytes[place - 2])
        }
    }

    /// The last end of a word at or before `place`.
    private static func boundary(_ bytes: [UInt8], _ place: Int, from least: Int) -> Int {
        guard place < bytes.count else { return bytes.count }
        var end = place
        while end > least, bytes[end] != 0x20 { end -= 1 }
        return end > least ? end : min(bytes.count, max(least, place))
    }
}
