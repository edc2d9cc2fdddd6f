import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Feedback against the formulas, worked out by hand.
@Suite struct FeedbackTests {
    private let vector = [QueryTerm(term: "x", weight: 3), QueryTerm(term: "y", weight: 4)]

    private func withIndex(_ body: (SearchIndex) throws -> Void) async throws {
        // From the posting lists, and from vectors that are stored.
        try await withIndex(storesVectors: false, body)
        try await withIndex(storesVectors: true, body)
    }

    private func withIndex(storesVectors: Bool, _ body: (SearchIndex) throws -> Void) async throws {
        var lines = [
            #"{"id": "a", "contents": "red red fox", "vector": {"x": 12, "z": 5}}"#,
            #"{"id": "b", "contents": "red cow cow cow", "vector": {"y": 4, "z": 3}}"#,
            #"{"id": "c", "contents": "cow", "vector": {"z": 9}}"#,
        ]
        // So that no word stands in a tenth of the documents.
        lines += (0..<40).map { "{\"id\": \"n\($0)\", \"contents\": \"noise\", \"vector\": {\"w\": 1}}" }
        try await ImportedIndex.with(lines, storesVectors: storesVectors) { index in
            #expect(index.snapshot.storesVectors == storesVectors)
            try body(index)
        }
    }

    private func weights(_ answer: SearchAnswer, _ field: String) -> [String: Double] {
        Dictionary(
            uniqueKeysWithValues: (answer.feedback?.terms ?? []).filter { $0.field == field }.map {
                ($0.term, $0.after)
            })
    }

    @Test func rocchioAddsTheMeanOfUnitVectors() async throws {
        try await withIndex { index in
            var options = SearchOptions()
            options.mode = .splade
            options.feedback = Feedback(learned: .init(.rocchio, documents: 2, terms: 2, weight: 0.5))
            let answer = try index.search("red", vector: vector, options)
            // a is (12, 0, 5) of length 13, b (0, 4, 3) of length 5; the sum is (12/13, 4/5, 5/13 + 3/5) in x, y, z: the two heaviest
            // are z .98462 and x .92308, of length 1.34966. The query is 5 long.
            let found = weights(answer, "learned")
            let scale = 0.5 * 5 / (0.98461538 * 0.98461538 + 0.92307692 * 0.92307692).squareRoot()
            #expect(abs(found["x", default: 0] - (3 + scale * 0.92307692)) < 1e-5)
            #expect(abs(found["y", default: 0] - 4) < 1e-5)
            #expect(abs(found["z", default: 0] - scale * 0.98461538) < 1e-5)
            #expect(found.count == 3 && answer.feedback?.documents == ["learned": ["a", "b"]])
            // c has no term of the query that was given.
            #expect(Set(answer.documents.map(\.id)) == ["a", "b", "c"])
            #expect(answer.tag == "apus-splade-vectors+rocchio(2,2,0.5)")
            #expect(answer.notes.contains("feedback: 2 documents lent 1 term."))
        }
    }

    @Test func rm3MixesTheQueryWithWhatDocumentsSay() async throws {
        try await withIndex { index in
            var options = SearchOptions()
            options.mode = .bm25
            let plain = try index.search("red", options)
            let scores = Dictionary(uniqueKeysWithValues: plain.documents.map { ($0.id, $0.score) })
            #expect(plain.documents.map(\.id) == ["a", "b"])
            let (a, b) = (try #require(scores["a"]), try #require(scores["b"]))
            options.feedback = Feedback(words: .init(.rm3, documents: 2, terms: 2, weight: 0.4))
            let answer = try index.search("red", options)
            // R: red a · 2/3 + b · 1/4, fox a · 1/3, cow b · 3/4; the two heaviest lend.
            let lent = [("red", a * 2 / 3 + b / 4), ("fox", a / 3), ("cow", b * 3 / 4)].sorted { $0.1 > $1.1 }.prefix(2)
            let sum = lent.reduce(0) { $0 + $1.1 }
            let found = weights(answer, "text")
            for (term, weight) in lent {
                let expected = (term == "red" ? 0.6 : 0) + 0.4 * weight / sum
                #expect(abs(found[term, default: 0] - expected) < 1e-6, "\(term): \(found)")
            }
            #expect(found.count == 2 && answer.tag == "apus-bm25+rm3(2,2,0.4)")
            let explained = try index.explain("red", document: "b", options)
            #expect(abs(explained.score - (answer.documents.first { $0.id == "b" }?.score ?? 0)) < 1e-9)
            #expect(explained.fields[0].terms.first { $0.term == lent[1].0 }?.isLent ?? (lent[1].0 == "fox"))
        }
    }

    @Test func aModeUsesTheModelsOfItsFields() async throws {
        try await withIndex { index in
            var options = SearchOptions()
            options.feedback = Feedback(words: .rm3, learned: .rocchio)
            let tags: [(SearchMode, String)] = [
                (.bm25, "apus-bm25+rm3(5,20,0.2)"), (.splade, "apus-splade-vectors+rocchio(3,50,0.15)"),
                (.hybrid, "apus-hybrid-vectors+rm3(5,20,0.2)+rocchio(3,50,0.15)-minmax(w=0.6)"),
                (.fused, "apus-fused-vectors+rm3(5,20,0.2)+rocchio(3,50,0.15)-maximum(w=0.6)"),
            ]
            for (mode, tag) in tags {
                options.mode = mode
                options.verify = true
                #expect(try index.search("red", vector: vector, options).tag == tag)
            }
            options.mode = .bm25
            // Nothing is found, so nothing is lent.
            let nothing = try index.search("zebra", options)
            #expect(nothing.documents.isEmpty && nothing.feedback?.added == 0)
        }
    }
}
