import Apus
import ApusTestSupport
import ByteStrings
import Foundation
import InvertedIndex
import LearnedEncoder
import Testing

/// An index whose passages stay apart: from texts to answers, against scoring each passage that the encoder makes.
@Suite struct PassageUnitTests {
    private let collection: PassageCollection
    private var directory: String { collection.directory }

    init() throws { collection = try PassageCollection() }

    @Test(arguments: [nil, 6])
    func answersAreThoseOfTheBestPassages(terms: Int?) async throws {
        let index = directory + "/index"
        let pruning = StaticPruning(terms: terms)
        let all = PassageCollection.texts(60, seed: 5)
        try await collection.build(Array(all[..<40]), at: index, pruning: pruning)
        try await collection.build(Array(all[40...]), at: index, .append, pruning: pruning)
        let opened = try SearchIndex(index)
        #expect(opened.snapshot.hasPassages && opened.snapshot.segmentCount > 1)
        #expect(try opened.deepCheck().isEmpty)
        let encoder = try #require(try opened.encoder())
        let split = try encoder.checked(PassageCollection.split)
        let vectors = try #require(try encoder.encodeDocuments(all.map(\.text), passages: split, threads: 1))
        #expect(vectors.contains { $0.parts.count > 3 })
        for text in ["cat water light", "dog", "stone river heart mat"] {
            let query = try encoder.encodeQuery(text, side: encoder.description.defaultQuerySide)
            let weights = Dictionary(uniqueKeysWithValues: zip(query.terms, query.weights))
            func score(_ terms: [UInt32], _ given: [Float]) -> Double {
                let kept = pruning(terms, given)
                return zip(kept.terms, kept.weights).reduce(0) { sum, posting in
                    sum + Double(weights[posting.0] ?? 0) * Double(min((posting.1 * 40).rounded(), 255)) / 40
                }
            }
            var expected: [String: (score: Double, passages: [Double])] = [:]
            for (document, vector) in zip(all, vectors) {
                let parts = vector.parts.map { score($0.terms, $0.weights) }
                expected[document.id] = (parts.max() ?? score(vector.terms, vector.weights), parts)
            }
            var options = SearchOptions()
            (options.mode, options.hits, options.verify, options.idfPower) = (.splade, 60, true, 0)
            let answer = try opened.withTexts(opened.search(text, options))
            #expect(answer.documents.count == expected.values.count { $0.score > 0 })
            for document in answer.documents {
                let found = try #require(expected[document.id])
                #expect(abs(document.score - found.score) <= 1e-3 * max(1, found.score), "\(document.id)")
                #expect((document.passage != nil) == (found.passages.count > 1))
                if let passage = document.passage {
                    #expect(passage.of == found.passages.count)
                    #expect(abs(found.passages[passage.number - 1] - found.score) <= 1e-3 * max(1, found.score))
                    let content = document.text ?? ""
                    let words = try #require(passage.text).split(separator: " ")
                    #expect((1...6).contains(words.count) && content.contains(passage.text ?? "-"))
                }
                let explained = try opened.explain(text, document: document.id, options)
                #expect(abs(explained.score - document.score) < 1e-6)
                #expect((explained.notes.contains { $0.contains("passage") }) == (document.passage != nil))
            }
            for mode in [SearchMode.hybrid, .fused] {
                options.mode = mode
                let answer = try opened.search(text, options)
                #expect(Set(answer.documents.map(\.id)).count == answer.documents.count)
                for document in answer.documents where mode == .hybrid {
                    guard let learned = document.learned?.score, let found = expected[document.id] else { continue }
                    #expect(abs(learned - found.score) <= 1e-3 * max(1, found.score))
                }
                for document in answer.documents where mode == .fused {
                    let parts = try #require(document.parts)
                    #expect(abs(parts.bm25 + parts.learned - document.score) < 1e-6)
                }
            }
        }
    }

    @Test func snippetsAreOfTheWinningPassage() async throws {
        let index = directory + "/index"
        let filler = Array(repeating: "stone mat", count: 20).joined(separator: " ")
        try await collection.build(
            [
                ("long", "\(filler) river water, light \(filler)"), ("other", "heart of stone"),
                ("third", "cat dog mat"),
            ],
            at: index)
        let opened = try SearchIndex(index)
        for mode in [SearchMode.splade, .hybrid] {
            var options = SearchOptions()
            options.mode = mode
            let answer = try opened.withSnippets(opened.search("river water", options), of: "river water", options)
            let document = try #require(answer.documents.first { $0.id == "long" })
            let passage = try #require(document.passage)
            let (start, end) = (try #require(passage.start), try #require(passage.end))
            let text = Array((document.text ?? "").utf8)
            #expect(String(decoding: text[start..<end], as: UTF8.self) == passage.text)
            let snippet = try #require(document.snippet)
            #expect(snippet.text.contains(passage.text ?? "-"))
            // What is marked lies in the passage.
            let marked = snippet.marks.map {
                String(decoding: Array(snippet.text.utf8)[$0.start..<$0.end], as: UTF8.self)
            }
            #expect(!marked.isEmpty && marked.allSatisfy { passage.text?.contains($0) ?? false })
        }
    }

    @Test func statsCountPassages() async throws {
        try await collection.build(
            [("a", Array(repeating: "cat", count: 20).joined(separator: " ")), ("b", "dog")], at: directory + "/i")
        let report = try IndexReport(of: SearchIndex(directory + "/i"), topics: nil, options: SearchOptions())
        // 20 tokens in windows of 6, every 4.
        #expect(report.passageVectors == 5 && report.passageBytes ?? 0 > 0)
    }
}
