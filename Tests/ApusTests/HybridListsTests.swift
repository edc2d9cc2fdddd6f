import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import RetrievalEvaluation
import Testing

/// Hybrid answers of more than two lists, and with scores that a list does not hold.
@Suite struct HybridListsTests {
    private func withIndex(seed: UInt64, _ body: (SearchIndex, [String], inout SplitMix64) throws -> Void) async throws
    {
        var random = SplitMix64(seed: seed)
        let words = ["red", "fox", "blue", "cow", "sea", "sky"]
        var lines: [String] = []
        for number in 0..<80 {
            let text = (0..<Int.random(in: 1...9, using: &random)).map { _ in words.randomElement(using: &random) ?? ""
            }
            let vector = (0..<6).filter { _ in Bool.random(using: &random) }.map {
                "\"t\($0)\": \(Int.random(in: 1...9, using: &random))"
            }
            lines.append(
                "{\"id\": \"d\(number)\", \"contents\": \"\(text.joined(separator: " "))\", \"vector\": {\(vector.joined(separator: ", "))}}"
            )
        }
        try await ImportedIndex.with(lines) { try body($0, (0..<80).map { "d\($0)" }, &random) }
    }

    private let vector = [QueryTerm(term: "t1", weight: 2), QueryTerm(term: "t4", weight: 1)]

    @Test(arguments: 0..<8 as Range<UInt64>)
    func exactCompletionLeavesNoDepthInTheScore(seed: UInt64) async throws {
        try await withIndex(seed: seed) { index, _, _ in
            var options = SearchOptions()
            (options.mode, options.hits, options.depth) = (.hybrid, 5, 5)
            options.fusion = Fusion(
                .sum(.theoreticalMinMax(floor: 0)), name: "theoretical", weights: [0.4, 0.6], missing: .exact)
            let shallow = try index.search("red fox", vector: vector, options)
            var one = options
            (one.mode, one.hits) = (.bm25, 80)
            let words = try index.search("red fox", one).documents
            one.mode = .splade
            let learned = try index.search("red fox", vector: vector, one).documents
            let (bm25, splade) = (try #require(words.first?.score), try #require(learned.first?.score))
            #expect(!shallow.documents.isEmpty)
            for document in shallow.documents {
                let first = words.first { $0.id == document.id }?.score ?? 0
                let second = learned.first { $0.id == document.id }?.score ?? 0
                #expect(document.bm25?.score == first && document.learned?.score == second)
                #expect(abs(document.score - (0.4 * first / bm25 + 0.6 * second / splade)) < 1e-12)
            }
            #expect(shallow.tag.hasSuffix("theoretical(w=0.6,missing=exact)"))
        }
    }

    @Test func aRunFromElsewhereIsOneMoreList() async throws {
        try await withIndex(seed: 3) { index, ids, random in
            var ranking = ids.shuffled(using: &random).prefix(10).enumerated().map {
                ScoredDocument(id: $1, score: 1 - Double($0) / 100)
            }
            ranking.insert(ScoredDocument(id: "elsewhere", score: 2), at: 0)
            var options = SearchOptions()
            (options.mode, options.hits) = (.hybrid, 80)
            options.runs = [Run(tag: "dense", rankings: ["7": ranking])]
            options.fusion = Fusion(.reciprocalRank(k: 60), name: "rrf", weights: [1, 1, 3])
            let answer = try index.search("red fox", vector: vector, options, topic: "7")
            #expect(answer.tag.hasSuffix("rrf(k=60,w=1/1/3)+dense"))
            // What is not in the index is not in an answer, and takes no rank.
            #expect(!answer.documents.contains { $0.id == "elsewhere" })
            for document in answer.documents {
                let dense = ranking.dropFirst().firstIndex { $0.id == document.id }
                let expected =
                    (document.bm25?.rank).map { 1 / Double(60 + $0) } ?? 0
                let all =
                    expected + ((document.learned?.rank).map { 1 / Double(60 + $0) } ?? 0)
                    + (dense.map { 3 / Double(60 + $0) } ?? 0)
                #expect(abs(document.score - all) < 1e-12)
                #expect(document.runs?.first?.rank == dense)
            }
            #expect(answer.documents.contains { $0.runs != nil })
            // Another topic has no ranking there; BM25 and the run answer where nothing is learned.
            let other = try index.search("red fox", vector: vector, options, topic: "8")
            #expect(other.documents.allSatisfy { $0.runs == nil })
            let wordsOnly = try index.search("zebra", options, topic: "7")
            #expect(wordsOnly.mode == .hybrid && wordsOnly.documents.map(\.id) == ranking.dropFirst().map(\.id))
        }
    }
}
