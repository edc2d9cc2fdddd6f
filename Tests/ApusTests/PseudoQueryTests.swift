import ApusTestSupport
import CorpusFormats
import RetrievalEvaluation
import Testing

@testable import Apus

/// Questions that a document gives about itself, and the documents that are drawn for them.
@Suite struct PseudoQueryTests {
    private let document = CorpusDocument(
        id: "ice", title: "How glaciers move",
        text:
            "Ice flows slowly down the valley under its own weight. Meltwater at the bed lets it slide. Does it always? "
            + "Crevasses open where the surface is stretched faster than the ice can flow, at about 0.3 m a day.")

    private func make(_ kind: PseudoQuery.Kind, of document: CorpusDocument, seed: UInt64 = 1) -> PseudoQuery? {
        var random = SplitMix(seed: seed)
        return PseudoQuery(document, kind, rarity: { $0.count > 6 ? 1 : 9 }, using: &random)
    }

    @Test func theRestLacksWhatIsAsked() throws {
        let title = try #require(make(.title, of: document))
        #expect(title.text == document.title && title.rest == document.text)
        for seed in 0..<20 as Range<UInt64> {
            let sentence = try #require(make(.sentence, of: document, seed: seed))
            let asked = sentence.text.trimmingPrefix(" ")
            #expect(
                document.text.contains(asked) && !sentence.rest.contains(asked)
                    && sentence.rest.hasPrefix("How glaciers"))
            #expect(sentence.text.split(separator: " ").count >= 6, "'Does it always?' is too short")
        }
    }

    @Test func rareWordsAreFourOfASentenceInItsOrder() throws {
        for seed in 0..<20 as Range<UInt64> {
            let words = try #require(make(.rareWords, of: document, seed: seed))
            let asked = words.text.split(separator: " ")
            #expect(asked.count == 4)
            let inOrder = PseudoQuery.sentences(document.text).contains { sentence in
                var left = asked[...]
                for word in PseudoQuery.words(sentence) where word == left.first { left.removeFirst() }
                return left.isEmpty
            }
            #expect(inOrder, "\(words.text)")
            #expect(!words.rest.contains(asked.joined(separator: " ")))
        }
    }

    @Test func aDocumentWithTooLittleGivesNone() {
        let short = CorpusDocument(
            id: "a", title: "Ice", text: "Ice flows slowly down the valley under its own weight.")
        for kind in PseudoQuery.Kind.allCases { #expect(make(kind, of: short) == nil, "\(kind)") }
        #expect(make(.sentence, of: CorpusDocument(id: "b", text: "")) == nil)
    }

    @Test func sentencesEndBeforeWhiteSpaceOnly() {
        #expect(PseudoQuery.sentences("It is 0.3 m. Is it? Yes") == ["It is 0.3 m.", " Is it?", " Yes"])
        #expect(PseudoQuery.sentences("  ") == [])
        #expect(PseudoQuery.words("(the) cat's 3.5 — mat!").map(String.init) == ["the", "cat's", "3.5", "mat"])
    }

    /// 60 draws of 10 from 100: each document about 6 times.
    @Test func everyDocumentHasTheSameChance() {
        var counts = [Int](repeating: 0, count: 100)
        for seed in 0..<60 as Range<UInt64> {
            var (sample, again) = (DocumentSample(most: 10, seed: seed), DocumentSample(most: 10, seed: seed))
            for number in 0..<100 {
                sample.add(CorpusDocument(id: "\(number)", text: ""))
                again.add(CorpusDocument(id: "\(number)", text: ""))
            }
            #expect(
                sample.documents.map(\.id) == again.documents.map(\.id) && Set(sample.documents.map(\.id)).count == 10)
            for document in sample.documents { counts[Int(document.id) ?? 0] += 1 }
        }
        #expect(counts.prefix(50).reduce(0, +) > 250 && counts.suffix(50).reduce(0, +) > 250)
        #expect((counts.max() ?? 0) < 20)
    }
}
