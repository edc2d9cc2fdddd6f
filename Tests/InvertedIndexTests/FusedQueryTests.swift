import ApusTestSupport
import InvertedIndex
import Testing

/// The fused score is the weighted sum of both fields' scores, whatever walks the lists.
@Suite(.smallWindows) struct FusedQueryTests {
    static let weights = [0, 0.25, 0.5, 0.9, 1]

    @Test(arguments: weights, FusedQuery.Scaling.allCases)
    func everyTraversalGivesTheWeightedSum(weight: Double, scaling: FusedQuery.Scaling) async throws {
        let index = try await RandomIndex(seed: 41, documents: 300, terms: 30, segments: 3)
        var random = SplitMix64(seed: 8)
        for _ in 0..<20 {
            let query = FusedQuery(
                text: index.query(.text, &random), learned: index.query(.learned, &random), weight: weight,
                scaling: scaling)
            let hits = try index.snapshot.search(query, k: 1000, traversal: .exhaustive).hits
            let expected = scores(query, index)
            // A weight of zero leaves a field out, so that documents of the other field alone are found.
            #expect(Set(hits.map(\.id)) == Set(expected.keys))
            for hit in hits {
                let score = expected[hit.id] ?? -1
                #expect(abs(hit.score - score) <= 2e-4 * max(1, score), "\(hit.id)")
            }
            for traversal in Traversal.allCases {
                for k in [1, 3, 10, 1000] {
                    let found = try index.snapshot.search(query, k: k, traversal: traversal).hits
                    #expect(found == Array(hits.prefix(k)), "\(traversal) k \(k)")
                }
            }
        }
    }

    /// Straight from the formulas, in double precision.
    private func scores(_ query: FusedQuery, _ index: RandomIndex) -> [String: Double] {
        let text = query.weight < 1 ? index.naive.bm25(query.text) : [:]
        var learned: [String: Double] = [:]
        if query.weight > 0 {
            for document in index.naive.documents {
                for term in query.learned.terms {
                    guard let impact = document.vector[term.term] else { continue }
                    learned[document.id, default: 0] += Double(term.weight) * Double(impact)
                }
            }
        }
        var (textFactor, learnedFactor) = (1 - query.weight, query.weight)
        if query.scaling == .maximum {
            textFactor /= index.naive.largestBM25(query.text)
            learnedFactor /= index.naive.largestImpactSum(query.learned)
        }
        return text.mapValues { $0 * textFactor }
            .merging(learned.mapValues { $0 * learnedFactor }) { $0 + $1 }
    }

    @Test func explanationsAddUpToTheFusedScore() async throws {
        let index = try await RandomIndex(seed: 43, documents: 200, terms: 20, segments: 2)
        var random = SplitMix64(seed: 4)
        for _ in 0..<20 {
            let query = FusedQuery(text: index.query(.text, &random), learned: index.query(.learned, &random))
            for hit in try index.snapshot.search(query, k: 5).hits {
                let explanation = try #require(try index.snapshot.explain(query, documentID: hit.id))
                #expect(explanation.rawScore == hit.rawScore)
            }
        }
    }

    @Test func oddWeightsAreRefused() async throws {
        let index = try await RandomIndex(seed: 1, documents: 20, terms: 5, segments: 1)
        for weight in [-0.1, 1.1, .nan] {
            let query = FusedQuery(
                text: Query(field: .text, terms: []), learned: Query(field: .learned, terms: []), weight: weight)
            #expect(throws: IndexError.self) { try index.snapshot.search(query, k: 1) }
        }
    }
}
