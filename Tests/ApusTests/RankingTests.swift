import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Tags and summaries are those that apus 0.2.0 printed before rankings were values.
@Suite struct RankingTests {
    private let vector = [QueryTerm(term: "x", weight: 2), QueryTerm(term: "y", weight: 1)]

    private func withIndex(_ body: (SearchIndex) throws -> Void) async throws {
        let lines = [
            #"{"id": "a", "contents": "red fox", "vector": {"x": 1}}"#,
            #"{"id": "b", "contents": "fox", "vector": {"y": 3}}"#,
        ]
        try await ImportedIndex.with(lines, body)
    }

    @Test func theFourRankingsAreKnownByName() {
        #expect(SearchMode.allCases.map { $0.rawValue } == ["bm25", "splade", "hybrid", "fused"])
        #expect(SearchMode(rawValue: "fused") == .fused && SearchMode(rawValue: "nonsense") == nil)
        #expect(SearchMode.allCases.filter { $0.needsLearnedTerms } == [.splade, .hybrid, .fused])
    }

    @Test func aTagNamesTheMethod() async throws {
        try await withIndex { index in
            let tags: [(SearchMode, String)] = [
                (.bm25, "apus-bm25-approximate(ranges=7)"),
                (.splade, "apus-splade-vectors-approximate(terms=1,ranges=7)"),
                (.hybrid, "apus-hybrid-vectors-approximate(terms=1,ranges=7)-minmax(w=0.6)"),
                (.fused, "apus-fused-vectors-approximate(terms=1,ranges=7)-maximum(w=0.6)"),
            ]
            var options = SearchOptions()
            (options.ranges, options.queryTerms, options.verify) = (7, 1, true)
            for (mode, tag) in tags {
                options.mode = mode
                let answer = try index.search("fox", vector: vector, options)
                #expect(answer.tag == tag && answer.mode == mode && !answer.isFallback)
                #expect(answer.cutTerms == (mode == .bm25 ? 0 : 1))
            }
        }
    }

    @Test func bm25StandsInAndSaysWhy() async throws {
        try await withIndex { index in
            for mode in SearchMode.allCases where mode.needsLearnedTerms {
                var options = SearchOptions()
                options.mode = mode
                let answer = try index.search("fox", options)
                #expect(answer.mode == .bm25 && answer.isFallback && answer.tag == "apus-bm25-fallback")
                #expect(
                    answer.notes == [
                        "BM25 answered: the index holds imported vectors; give the query's with --query-vectors."
                    ])
                let explained = try index.explain("fox", document: "b", options)
                #expect(explained.mode == .bm25 && explained.notes == answer.notes)
            }
        }
    }

    @Test func aSummaryNamesEveryParameter() {
        var options = SearchOptions()
        let plain = SearchMode.allCases.map { options.ranking($0).summary }
        #expect(
            plain == [
                "BM25 k1 0.9 b 0.4", "exact", "BM25 k1 0.9 b 0.4, minmax(w=0.6), depth 1000",
                "BM25 k1 0.9 b 0.4, weight 0.6, scaling maximum, exact",
            ])
        (options.queryTerms, options.ranges, options.rangeTerms, options.deadline) = (3, 2, 1, .milliseconds(5))
        options.fusion = .reciprocalRank(k: 60)
        let cuts = "at most 2 ranges, chosen by 1 terms, 5.0 ms"
        #expect(options.ranking(.bm25).summary == "BM25 k1 0.9 b 0.4, " + cuts)
        #expect(options.ranking(.splade).summary == "the 3 heaviest query terms, " + cuts)
        #expect(
            options.ranking(.hybrid).summary
                == "BM25 k1 0.9 b 0.4, rrf(k=60), depth 1000, the 3 heaviest query terms, " + cuts)
    }

    @Test func modesAreStoredByName() throws {
        let json = try JSONEncoder().encode(SearchMode.allCases)
        #expect(String(decoding: json, as: UTF8.self) == #"["bm25","splade","hybrid","fused"]"#)
        #expect(try JSONDecoder().decode([SearchMode].self, from: json) == SearchMode.allCases)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([SearchMode].self, from: Data(#"["x"]"#.utf8)) }
    }
}
