import CorpusFormats
import RetrievalEvaluation

/// A query made from a document: a part of its text that the document then lacks, which a search should find again by the rest.
struct PseudoQuery {
    /// Where queries are taken from.
    enum Kind: Int, CaseIterable {
        case title, sentence, rareWords
    }

    /// What is asked.
    let text: String
    /// The document without it.
    let rest: String

    /// Makes one of the kind if the document has it; nil where too little would be left to ask or to find.
    init?(_ document: CorpusDocument, _ kind: Kind, rarity: (Substring) -> Int, using random: inout SplitMix) {
        if kind == .title {
            guard Self.words(document.title[...]).count >= 2, Self.words(document.text[...]).count >= Self.leastRest
            else { return nil }
            (text, rest) = (document.title, document.text)
            return
        }
        let sentences = Self.sentences(document.text)
        let candidates = sentences.indices.filter { Self.words(sentences[$0]).count >= Self.leastSentence }
        guard sentences.count > 1, let place = candidates.randomElement(using: &random) else { return nil }
        let others = sentences.indices.filter { $0 != place }.map { sentences[$0] }
        rest = ([document.title[...]] + others).joined(separator: " ")
        guard Self.words(rest[...]).count >= Self.leastRest else { return nil }
        guard kind == .rareWords else {
            text = String(sentences[place])
            return
        }
        // As people type keywords: a few of the sentence's words, in its order.
        let words = Self.words(sentences[place])
        let rare = Set(words.indices.sorted { (rarity(words[$0]), $0) < (rarity(words[$1]), $1) }.prefix(4))
        text = words.indices.filter(rare.contains).map { words[$0] }.joined(separator: " ")
    }

    private static let leastSentence = 6
    private static let leastRest = 12

    /// The words between spaces, without the marks around them.
    static func words(_ text: Substring) -> [Substring] {
        text.split(whereSeparator: \.isWhitespace).compactMap { word in
            let trimmed = word.drop { !$0.isLetter && !$0.isNumber }
            guard let last = trimmed.lastIndex(where: { $0.isLetter || $0.isNumber }) else { return nil }
            return trimmed[...last]
        }
    }

    /// A text cut after `.`, `?` and `!` before white space: often enough a sentence.
    static func sentences(_ text: String) -> [Substring] {
        var (sentences, start, index): ([Substring], String.Index, String.Index) = (
            [], text.startIndex, text.startIndex
        )
        while index < text.endIndex {
            let next = text.index(after: index)
            let isEnd = ".?!".contains(text[index]) && (next == text.endIndex || text[next].isWhitespace)
            if isEnd || next == text.endIndex {
                sentences.append(text[start..<next])
                start = next
            }
            index = next
        }
        return sentences.filter { !$0.allSatisfy(\.isWhitespace) }
    }
}
