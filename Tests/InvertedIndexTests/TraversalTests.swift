import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Pruning may only save work, so each traversal must return, hit for hit, what scoring every document returns.
@Suite(.smallWindows) struct TraversalTests {
    static let sizes = [0, 1, 2, 127, 128, 129, 255, 256, 257, 700]

    @Test(arguments: sizes, [1, 3])
    func everyTraversalEqualsExhaustiveScoring(documents: Int, segments: Int) async throws {
        let index = try await RandomIndex(
            seed: UInt64(documents * 10 + segments), documents: documents, terms: 40, segments: segments)
        var random = SplitMix64(seed: UInt64(documents))
        for _ in 0..<10 {
            for field in Field.allCases {
                let query = index.query(field, &random)
                for k in [1, 2, 10, 100, 1000] {
                    let expected = try index.snapshot.search(query, k: k, traversal: .exhaustive).hits
                    for traversal in Traversal.allCases {
                        let found = try index.snapshot.search(query, k: k, traversal: traversal).hits
                        #expect(found == expected, "\(traversal) k \(k) \(query)")
                    }
                }
            }
        }
    }

    @Test(arguments: [1, 4], [false, true])
    func exhaustiveScoringEqualsTheNaiveImpactSum(segments: Int, merged: Bool) async throws {
        let index = try await RandomIndex(seed: 5, documents: 300, terms: 30, segments: segments, merged: merged)
        #expect(index.snapshot.segmentCount == 1 || !merged)
        var random = SplitMix64(seed: 9)
        for _ in 0..<50 {
            let query = index.query(.learned, &random)
            let result = try index.snapshot.search(query, k: 1000, traversal: .exhaustive)
            // The integer weights as documented: the largest becomes 4095, the others in proportion; integers stay.
            var weights: [String: Float] = [:]
            for term in query.terms { weights[term.term, default: 0] += term.weight }
            weights = try weights.filter { try index.snapshot.documentFrequency(of: $0.key, field: .learned) > 0 }
            guard let largest = weights.values.max() else {
                #expect(result.hits.isEmpty)
                continue
            }
            let steps = weights.values.allSatisfy { $0 >= 1 && $0 == $0.rounded() } ? Double(largest) : 4095
            let integers = weights.mapValues { UInt32((Double($0) / Double(largest) * steps).rounded()) }
            let expected = NaiveIndex.ranking(index.naive.impacts(integers), k: 1000)
            #expect(result.hits.map(\.id) == expected.map(\.id))
            #expect(result.hits.map(\.rawScore) == expected.map(\.score))
        }
    }

    @Test(arguments: [
        BM25Parameters(), BM25Parameters(k1: 1.2, b: 0.75), BM25Parameters(k1: 0, b: 0), BM25Parameters(k1: 2, b: 1),
    ])
    func bm25IsLucenesFormula(parameters: BM25Parameters) async throws {
        let index = try await RandomIndex(seed: 6, documents: 400, terms: 50, segments: 3)
        var random = SplitMix64(seed: 3)
        for _ in 0..<40 {
            var query = index.query(.text, &random)
            query.bm25 = parameters
            let hits = try index.snapshot.search(query, k: 1000, traversal: .exhaustive).hits
            let expected = index.naive.bm25(query)
            #expect(hits.count == expected.count)
            for hit in hits { #expect(abs(hit.score - (expected[hit.id] ?? -1)) < 2e-6 * max(1, hit.score)) }
        }
    }

    /// Every depth around the number of documents that hold the term, where seeded thresholds of others lose documents.
    @Test func singleTermQueriesAreWholeAtEveryDepth() async throws {
        let index = try await RandomIndex(seed: 11, documents: 150, terms: 12, segments: 2)
        for term in index.vocabulary {
            let query = Query(field: .learned, terms: [QueryTerm(term: term, weight: 1)])
            let df = try index.snapshot.documentFrequency(of: term, field: .learned)
            let all = try index.snapshot.search(query, k: 1000, traversal: .exhaustive).hits
            #expect(all.count == df)
            for k in 1...(df + 1) {
                for traversal in Traversal.allCases {
                    let found = try index.snapshot.search(query, k: k, traversal: traversal).hits
                    #expect(found == Array(all.prefix(k)))
                }
            }
        }
    }

    @Test func segmentsChangeNoScore() async throws {
        let one = try await RandomIndex(seed: 21, documents: 500, terms: 40, segments: 1)
        let many = try await RandomIndex(seed: 21, documents: 500, terms: 40, segments: 7)
        #expect(many.snapshot.segmentCount > 3)
        var random = SplitMix64(seed: 2)
        for _ in 0..<50 {
            for field in Field.allCases {
                let query = one.query(field, &random)
                let first = try one.snapshot.search(query, k: 20).hits
                let second = try many.snapshot.search(query, k: 20).hits
                #expect(first.map(\.id) == second.map(\.id))
                #expect(first.map(\.rawScore) == second.map(\.rawScore))
            }
        }
    }

    @Test func oddQueriesGiveNoHitsOrAClearError() async throws {
        let index = try await RandomIndex(seed: 1, documents: 20, terms: 5, segments: 1)
        let snapshot = index.snapshot
        #expect(try snapshot.search(Query(field: .learned, terms: []), k: 5).hits.isEmpty)
        let unknown = try snapshot.search(Query(field: .text, terms: [QueryTerm(term: "zebra", weight: 1)]), k: 5)
        #expect(unknown.hits.isEmpty)
        #expect(unknown.unknownTerms == ["zebra"])
        #expect(throws: IndexError.invalidDepth(0)) { try snapshot.search(Query(field: .text, terms: []), k: 0) }
        for weight in [Float.nan, -1, .infinity] {
            #expect(throws: IndexError.self) {
                try snapshot.search(Query(field: .learned, terms: [QueryTerm(term: "t0", weight: weight)]), k: 1)
            }
        }
        // Both are finite, their sum is not.
        let twice = Query(field: .learned, terms: Array(repeating: QueryTerm(term: "t0", weight: 3e38), count: 2))
        #expect(throws: IndexError.invalidWeight(term: "t0", weight: .infinity)) { try snapshot.search(twice, k: 1) }
        let fused = FusedQuery(text: Query(field: .text, terms: []), learned: twice)
        #expect(throws: IndexError.invalidWeight(term: "t0", weight: .infinity)) { try snapshot.search(fused, k: 1) }
    }

    /// 4,096 terms of the largest impact and weight: the sum stays inside 32 bits.
    @Test func longQueriesDoNotOverflow() async throws {
        let terms = 4096
        let vocabulary = (0..<terms).map { "t\($0)" }
        var options = IndexOptions()
        options.learnedScale = 1
        let writer = try IndexWriter.create(
            at: TestPaths.temporaryDirectory(), options: options, vocabulary: vocabulary)
        try await writer.add(
            ["a", "b"].map {
                IndexDocument(
                    id: $0, wordBytes: [], wordEnds: [], terms: vocabulary.indices.map(UInt32.init),
                    weights: Array(repeating: $0 == "a" ? 255 : 254, count: terms))
            })
        let snapshot = try await writer.commit()
        let query = Query(field: .learned, terms: vocabulary.map { QueryTerm(term: $0, weight: 7) })
        for traversal in Traversal.allCases {
            let hits = try snapshot.search(query, k: 2, traversal: traversal).hits
            #expect(hits.map(\.id) == ["a", "b"])
            #expect(abs(hits[0].score - 7 * 255 * 4096) < 1)
        }
    }

    @Test func explanationsAddUpToTheScore() async throws {
        let index = try await RandomIndex(seed: 31, documents: 200, terms: 20, segments: 2)
        var random = SplitMix64(seed: 4)
        for _ in 0..<30 {
            for field in Field.allCases {
                let query = index.query(field, &random)
                for hit in try index.snapshot.search(query, k: 5).hits {
                    let explanation = try #require(try index.snapshot.explain(query, documentID: hit.id))
                    #expect(explanation.rawScore == hit.rawScore)
                    #expect(explanation.score == hit.score)
                    let sum = explanation.terms.reduce(0) { $0 + $1.contribution }
                    #expect(abs(sum - hit.score) < 1e-9 * max(1, sum))
                }
            }
        }
        #expect(try index.snapshot.explain(Query(field: .text, terms: []), documentID: "nobody") == nil)
    }
}
