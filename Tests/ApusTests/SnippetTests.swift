import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

@testable import Apus

/// The window of a text that its words point at.
@Suite struct SnippetTests {
    private func word(_ text: String, _ content: String, _ gain: Double, _ term: String = "t") throws -> ScoringWord {
        let found = try #require(content.range(of: text))
        let start = content.utf8.distance(from: content.startIndex, to: found.lowerBound)
        return ScoringWord(range: start..<start + text.utf8.count, gain: gain, terms: [(term, gain)])
    }

    @Test func theWindowHoldsTheHeaviestWords() throws {
        let filler = String(repeating: "Nothing is here to see at all. ", count: 30)
        let content = "river " + filler + "Then größe came to the stone. And went.\n\n" + filler
        let snippet = Snippet(
            content, [try word("river", content, 1), try word("größe", content, 2), try word("stone", content, 3)],
            length: 120)
        #expect(snippet.text.hasPrefix("… ") && snippet.text.hasSuffix(" …"))
        #expect(snippet.text.utf8.count < 140)
        let bytes = Array(snippet.text.utf8)
        #expect(snippet.marks.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) } == ["größe", "stone"])
        #expect(snippet.marked("<", ">").contains("Then <größe> came to the <stone>."))
        #expect(!snippet.text.contains("\n"))
        let shares: [Double] = [2.0 / 6, 0.5]
        #expect(snippet.marks.map(\.share) == shares)
    }

    @Test func shortTextsAndTextsWithoutWordsAreShown() throws {
        #expect(Snippet("a river", [], length: 100) == Snippet("a river", [], length: 7))
        let long = String(repeating: "word ", count: 100)
        let snippet = Snippet(long, [], length: 50)
        #expect(snippet.marks.isEmpty && snippet.text.hasPrefix("word word") && snippet.text.hasSuffix("word …"))
        #expect(Snippet(String(repeating: "ä", count: 300), [], length: 50).text.contains("ä"))
    }

    /// Random words and lengths: ranges stay inside, in order, on whole characters, and no other window has more.
    @Test func randomWindowsAreWholeAndBest() throws {
        var random = SplitMix64(seed: 17)
        for _ in 0..<300 {
            let pieces = (0..<Int.random(in: 1...60, using: &random)).map { _ in
                ["stone", "größe", "🌊", "a", "river."].randomElement(using: &random) ?? ""
            }
            let content = pieces.joined(separator: " ")
            var (words, place) = ([ScoringWord](), 0)
            for piece in pieces {
                if Bool.random(using: &random) {
                    words.append(
                        ScoringWord(
                            range: place..<place + piece.utf8.count, gain: Double.random(in: 0.1...1, using: &random),
                            terms: []))
                }
                place += piece.utf8.count + 1
            }
            let length = Int.random(in: 10...200, using: &random)
            let snippet = Snippet(content, words, length: length)
            let bytes = Array(snippet.text.utf8)
            #expect(String(validating: bytes, as: UTF8.self) != nil)
            for mark in snippet.marks {
                #expect(mark.start < mark.end && mark.end <= bytes.count)
                #expect(pieces.contains(String(decoding: bytes[mark.start..<mark.end], as: UTF8.self)))
            }
            #expect(zip(snippet.marks, snippet.marks.dropFirst()).allSatisfy { $0.end <= $1.start })
        }
    }

    @Test func literalWordsAreMarkedWhereThereIsNoEncoder() async throws {
        let lines = [
            #"{"id":"a","contents":"Rivers carry stones to the sea.","vector":{"x":1}}"#,
            #"{"id":"b","contents":"The sea is deep.","vector":{"x":2}}"#,
        ]
        try await ImportedIndex.with(lines) { (index: SearchIndex) throws in
            var options = SearchOptions()
            options.mode = .bm25
            let answer = try index.search("the river's stone", options)
            let stored = try index.documents.documents(answer.documents.map(\.id))
            let snippet = try #require(try index.snippets("the river's stone", answer, stored, options).first ?? nil)
            #expect(snippet.marked("[", "]") == "[Rivers] carry [stones] to the sea.")
        }
    }

    @Test func similarDocumentsShareTermsAndLeaveTheDocumentOut() async throws {
        let lines = [
            #"{"id":"a","contents":"granite boulder","vector":{"rock":2,"ice":1}}"#,
            #"{"id":"b","contents":"granite cliff","vector":{"rock":3}}"#,
            #"{"id":"c","contents":"warm milk","vector":{"milk":3}}"#,
            #"{"id":"d","contents":"a boulder","vector":{"ice":1}}"#,
        ]
        try await ImportedIndex.with(lines) { (index: SearchIndex) throws in
            var options = SearchOptions()
            options.mode = .splade
            #expect(try index.similar(to: "a", options).documents.map(\.id) == ["b", "d"])
            options.hits = 1
            #expect(try index.similar(to: "a", options).documents.map(\.rank) == [1])
            options.mode = .bm25
            options.hits = 10
            #expect(Set(try index.similar(to: "a", options).documents.map(\.id)) == ["b", "d"])
            #expect(throws: ApusError.self) { try index.similar(to: "none") }
        }
    }

    @Test func wordsSayWhereADocumentStandsAndWhatItLacks() async throws {
        let lines = (0..<6).map { number in
            #"{"id":"d\#(number)","contents":"\#(String(repeating: "stone ", count: 6 - number))\#(number == 0 ? "river" : "sand grass")","vector":{"x":1}}"#
        }
        try await ImportedIndex.with(lines) { (index: SearchIndex) throws in
            var options = SearchOptions()
            options.mode = .bm25
            options.hits = 2
            let words = try index.inWords("river stone", document: "d4", options)
            let place = try index.search(
                "river stone",
                {
                    var all = options; all.hits = 10; return all
                }()
            ).documents
            let expected = place.firstIndex { $0.id == "d4" }.map { $0 + 1 }
            #expect(words.rank == expected)
            #expect(words.best == "d0")
            #expect(words.lacks.first?.term == "river" && words.lacks.first?.ours == 0)
            #expect(words.sentences.contains { $0.contains("not among the first 2") })
            #expect(try index.inWords("river", document: "d0", options).sentences.contains("It is the best."))
            let none = try index.inWords("river", document: "d5", options)
            #expect(none.rank == nil && none.sentences.contains("It shares no term with the query."))
        }
    }
}
