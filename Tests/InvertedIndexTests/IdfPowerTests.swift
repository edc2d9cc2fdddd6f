import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Query weights times idf to a power. The oracle counts documents by hand and scores them by the definition: the weights with their
/// factors become integers, the largest 4095, and a score is a sum of integer products.
@Suite struct IdfPowerTests {
    static let powers = [0.25, 0.5, 1, 2]
    static let layouts: [(segments: Int, merged: Bool)] = [(1, false), (4, false), (4, true)]

    /// Σ weight × idf^power × impact, with the quantised weights and the unit of a score.
    private func scores(_ query: Query, _ documents: [NaiveIndex.Document], scale: Double) -> [String: Double] {
        var weights: [String: Float] = [:]
        for term in query.terms { weights[term.term, default: 0] += term.weight }
        var weighted: [String: Float] = [:]
        for (term, weight) in weights {
            let df = Double(documents.count { $0.vector[term] != nil })
            guard df > 0 else { continue }
            let idf = log(1 + (Double(documents.count) - df + 0.5) / (df + 0.5))
            weighted[term] = Float(Double(weight) * pow(idf, query.idfPower))
        }
        guard let largest = weighted.values.max().map(Double.init) else { return [:] }
        let integers = weighted.mapValues { UInt32(max(1, (Double($0) * (4095 / largest)).rounded())) }
        return NaiveIndex(documents: documents).impacts(integers).mapValues { Double($0) * (largest / 4095 / scale) }
    }

    /// The same without rounding any weight.
    private func plainScores(_ query: Query, _ documents: [NaiveIndex.Document]) -> [String: Double] {
        var scores: [String: Double] = [:]
        for term in query.terms {
            let df = Double(documents.count { $0.vector[term.term] != nil })
            let idf = log(1 + (Double(documents.count) - df + 0.5) / (df + 0.5))
            for document in documents {
                guard let impact = document.vector[term.term] else { continue }
                scores[document.id, default: 0] += Double(term.weight) * pow(idf, query.idfPower) * Double(impact)
            }
        }
        return scores
    }

    private func expect(
        _ found: SearchResult, _ expected: [(id: String, score: Double)], _ comment: Comment
    ) {
        #expect(found.hits.map(\.id) == expected.map(\.id), comment)
        for (hit, wanted) in zip(found.hits, expected) {
            #expect(abs(hit.score - wanted.score) <= 1e-12 * wanted.score, comment)
        }
    }

    @Test(arguments: powers, layouts)
    func hitsAreThoseOfWeightsTimesIdfByHand(power: Double, layout: (segments: Int, merged: Bool)) async throws {
        let index = try await RandomIndex(
            seed: 5, documents: 400, terms: 25, segments: layout.segments, merged: layout.merged, scale: 2)
        // Whatever was deleted has no part in a frequency from the next commit on.
        let deleted = try await index.deleting(
            index.naive.documents.enumerated().filter { $0.offset % 3 == 0 }.map(\.element.id))
        for index in [index, deleted] {
            var random = SplitMix64(seed: 17)
            for _ in 0..<15 {
                var query = index.query(.learned, &random)
                query.idfPower = power
                let all = scores(query, index.naive.documents, scale: 2)
                for k in [1, 10, 1000] {
                    let expected = NaiveIndex.ranking(all, k: k)
                    for traversal in Traversal.allCases {
                        let found = try index.snapshot.search(query, k: k, traversal: traversal)
                        expect(found, expected, "\(traversal) k \(k)")
                        #expect(found.certificate.isExact)
                    }
                }
            }
        }
    }

    /// A filter hides documents and changes no frequency.
    @Test func aFilterKeepsTheStatisticsOfTheWholeCollection() async throws {
        let index = try await RandomIndex(seed: 6, documents: 300, terms: 20, segments: 3)
        func isVisible(_ id: String) -> Bool { (id.utf8.last ?? 0) % 2 == 0 }
        let filtered = index.snapshot.restricted(
            to: index.snapshot.segments.map { segment in
                DocumentSet(documents: segment.documents) { isVisible(segment.externalID($0)) }
            })
        var random = SplitMix64(seed: 2)
        for _ in 0..<20 {
            var query = index.query(.learned, &random)
            query.idfPower = 0.5
            let all = scores(query, index.naive.documents, scale: 1).filter { isVisible($0.key) }
            for traversal in Traversal.allCases {
                let found = try filtered.search(query, k: 20, traversal: traversal)
                expect(found, NaiveIndex.ranking(all, k: 20), "\(traversal)")
            }
        }
    }

    /// What an approximate search proves of its hits is true with the factors.
    @Test func certificatesStayTrue() async throws {
        let index = try await RandomIndex(seed: 7, documents: 900, terms: 20, segments: 2)
        var random = SplitMix64(seed: 3)
        var (proved, unproved) = (0, 0)
        for _ in 0..<60 {
            var query = index.query(.learned, &random)
            query.idfPower = 0.5
            let expected = NaiveIndex.ranking(scores(query, index.naive.documents, scale: 1), k: 10)
            let limits = SearchLimits(ranges: Int.random(in: 1...20, using: &random))
            let found = try index.snapshot.search(query, k: 10, limits: limits)
            let exact = found.certificate.exactHits
            #expect(found.hits.prefix(exact).map(\.id) == expected.prefix(exact).map(\.id))
            if found.certificate.isExact { #expect(found.hits.map(\.id) == expected.map(\.id)) }
            if found.certificate.isExact { proved += 1 } else { unproved += 1 }
        }
        #expect(proved > 0 && unproved > 0)
    }

    @Test func fusedScoresTakeTheWeightedTerms() async throws {
        let index = try await RandomIndex(seed: 8, documents: 300, terms: 20, segments: 3)
        var random = SplitMix64(seed: 4)
        for _ in 0..<20 {
            var learned = index.query(.learned, &random)
            learned.idfPower = 0.5
            let text = index.query(.text, &random)
            let query = FusedQuery(text: text, learned: learned, weight: 0.5, scaling: .none)
            let words = index.naive.bm25(text)
            let expected = words.merging(plainScores(learned, index.naive.documents)) { $0 + $1 }.mapValues { $0 / 2 }
            let all = try index.snapshot.search(query, k: 1000, traversal: .exhaustive).hits
            #expect(Set(all.map(\.id)) == Set(expected.keys))
            for hit in all {
                let wanted = expected[hit.id] ?? -1
                #expect(abs(hit.score - wanted) <= 2e-4 * max(1, wanted))
            }
            for traversal in Traversal.allCases {
                let found = try index.snapshot.search(query, k: 10, traversal: traversal).hits
                #expect(found == Array(all.prefix(10)), "\(traversal)")
            }
        }
    }

    @Test func explanationsNameTheFactorAndAddUp() async throws {
        let index = try await RandomIndex(seed: 9, documents: 200, terms: 15, segments: 2)
        var random = SplitMix64(seed: 5)
        for _ in 0..<20 {
            var query = index.query(.learned, &random)
            query.idfPower = 0.5
            for hit in try index.snapshot.search(query, k: 3).hits {
                let found = try #require(try index.snapshot.explain(query, documentID: hit.id))
                #expect(found.rawScore == hit.rawScore)
                for term in found.terms {
                    let df = Double(index.naive.documents.count { $0.vector[term.term] != nil })
                    #expect(term.documentFrequency == Int(df))
                    #expect(abs(term.idfFactor - log(1 + (200 - df + 0.5) / (df + 0.5)).squareRoot()) < 1e-12)
                    let typed = query.terms.filter { $0.term == term.term }.reduce(0) { $0 + Double($1.weight) }
                    // The query weight is quantised in steps of a 4095th of the largest.
                    #expect(abs(term.queryWeight - typed * term.idfFactor) < 0.01)
                }
            }
        }
    }

    @Test func theHeaviestTermsAreTheHeaviestWithTheirFactors() async throws {
        let index = try await RandomIndex(seed: 10, documents: 100, terms: 10, segments: 1)
        let terms = (0..<12).map { QueryTerm(term: "t\($0)", weight: 1) }
        let plain = try index.snapshot.effectiveWeights(of: Query(field: .learned, terms: terms))
        #expect(plain == terms.map(\.weight))
        let weights = try index.snapshot.effectiveWeights(of: Query(field: .learned, terms: terms, idfPower: 1))
        for (term, weight) in zip(terms, weights) {
            let df = Double(index.naive.documents.count { $0.vector[term.term] != nil })
            let expected = df == 0 ? 0 : Float(log(1 + (100 - df + 0.5) / (df + 0.5)))
            #expect(weight == expected, "\(term.term)")
        }
        #expect(weights[10] == 0 && weights[11] == 0)
    }

    @Test(arguments: [-0.5, 2.5, .nan, .infinity])
    func powersThatAreNoneAreRefused(power: Double) async throws {
        let index = try await RandomIndex(seed: 1, documents: 20, terms: 5, segments: 1)
        let query = Query(field: .learned, terms: [QueryTerm(term: "t0", weight: 1)], idfPower: power)
        #expect(throws: IndexError.self) { try index.snapshot.search(query, k: 1) }
    }
}
