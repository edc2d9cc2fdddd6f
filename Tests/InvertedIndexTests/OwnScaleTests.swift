import ApusTestSupport
import CApusKernels
import Foundation
import Testing

@testable import InvertedIndex

/// Segments with learned scales of their own: a score is Float(integer × unit of its segment), whatever walks the lists. The
/// oracle is a dictionary of documents scored by that definition.
@Suite(.smallWindows) struct OwnScaleTests {
    struct Case: CustomTestStringConvertible {
        let scales: [Float]
        let documents: Int
        /// Of a thousand documents, how many are hidden by a filter.
        var hidden = 0
        var testDescription: String {
            "scales \(scales), \(documents) documents each, hidden \(hidden)"
        }

        func isVisible(_ id: String) -> Bool {
            var random = SplitMix64(seed: 31 &+ (UInt64(id.dropFirst()) ?? 0))
            return Int(random.next() % 1000) >= hidden
        }
    }

    /// Powers of two make scores of different segments equal; the others do not.
    static let cases: [Case] = [
        Case(scales: [1, 2], documents: 300), Case(scales: [1, 2, 0.5], documents: 150, hidden: 300),
        Case(scales: [83.21, 3.7], documents: 400),
        Case(scales: [83.21, 83.21, 7, 1e-3], documents: 100, hidden: 500),
        Case(scales: [5, 1e30], documents: 60), Case(scales: [1, 4, 3], documents: 900, hidden: 20),
    ]

    private struct Parts {
        let parts: [RandomIndex]
        let scales: [Float]
        let snapshot: IndexSnapshot

        init(_ test: Case) async throws {
            var parts: [RandomIndex] = []
            for (number, scale) in test.scales.enumerated() {
                parts.append(
                    try await RandomIndex(
                        seed: UInt64(100 + number), documents: test.documents, terms: 20,
                        segments: number % 2 + 1,
                        merged: number % 2 == 1, impacts: [1, 2, 4, 8, 64, 128], scale: scale,
                        firstID: number * test.documents))
            }
            self.parts = parts
            scales = test.scales
            let joined = IndexSnapshot(joining: parts.map(\.snapshot))
            snapshot =
                test.hidden == 0
                ? joined
                : joined.restricted(
                    to: joined.segments.map { segment in
                        DocumentSet(documents: segment.documents) { test.isVisible(segment.externalID($0)) }
                    })
        }

        /// Scores by definition: weights become integers, the largest 4095 unless all are integers; a unit a segment.
        func scores(_ query: Query, _ test: Case) -> [String: Float] {
            var weights: [String: Float] = [:]
            for term in query.terms { weights[term.term, default: 0] += term.weight }
            weights = weights.filter { term, _ in
                parts.contains { $0.naive.documents.contains { $0.vector[term] != nil } }
            }
            guard let largest = weights.values.max() else { return [:] }
            let areIntegers = weights.values.allSatisfy { $0 >= 1 && $0 == $0.rounded() }
            let steps = areIntegers ? Double(largest) : 4095
            let integers = weights.mapValues {
                UInt32((Double($0) * (steps / Double(largest))).rounded())
            }
            var scores: [String: Float] = [:]
            for (part, scale) in zip(parts, scales) {
                let unit = Double(largest) / steps / Double(scale)
                for (id, score) in part.naive.impacts(integers) where test.isVisible(id) {
                    scores[id] = Float(Double(score) * unit)
                }
            }
            return scores
        }
    }

    @Test(arguments: cases) func learnedHitsAreThoseOfTheDefinition(test: Case) async throws {
        let index = try await Parts(test)
        var random = SplitMix64(seed: 17)
        for _ in 0..<8 {
            let query = index.parts[0].query(.learned, &random)
            let scores = index.scores(query, test)
            for k in [1, 3, 10, 100, 10_000] {
                let expected = NaiveIndex.ranking(scores, k: k).map { "\($0.id) \(Double($0.score))" }
                for traversal in Traversal.allCases {
                    for threads in traversal == .range || traversal == .exhaustive ? [1, 3] : [1] {
                        let found = try index.snapshot.search(
                            query, k: k, traversal: traversal, threads: threads)
                        #expect(
                            found.hits.map { "\($0.id) \($0.score)" } == expected,
                            "\(traversal), k \(k), \(threads) threads, \(query.terms)")
                        #expect(found.certificate.isExact)
                        #expect(found.hits.allSatisfy { found.score($0.rawScore) == $0.score })
                    }
                }
            }
            for hit in try index.snapshot.search(query, k: 5).hits {
                let explanation = try #require(try index.snapshot.explain(query, documentID: hit.id))
                #expect(explanation.score == hit.score && explanation.rawScore == hit.rawScore)
            }
        }
    }

    /// The weighted sum in double precision, with the tolerance of integer weights; and every traversal the same hits.
    @Test(arguments: cases, FusedQuery.Scaling.allCases)
    func fusedHitsAreTheWeightedSum(test: Case, scaling: FusedQuery.Scaling) async throws {
        let index = try await Parts(test)
        let all = NaiveIndex(documents: index.parts.flatMap(\.naive.documents))
        var random = SplitMix64(seed: 18)
        for _ in 0..<6 {
            let text = index.parts[0].query(.text, &random)
            let learned = index.parts[0].query(.learned, &random)
            let query = FusedQuery(text: text, learned: learned, weight: 0.5, scaling: scaling)
            let hits = try index.snapshot.search(query, k: 10_000, traversal: .exhaustive).hits
            var sums: [String: Double] = [:]
            var largest = 1e-9
            for (part, scale) in zip(index.parts, index.scales) {
                for document in part.naive.documents {
                    for term in learned.terms {
                        guard let impact = document.vector[term.term] else { continue }
                        sums[document.id, default: 0] += Double(term.weight) * Double(impact) / Double(scale)
                    }
                }
            }
            for term in learned.terms {
                let weights = zip(index.parts, index.scales).map { part, scale in
                    Double(part.naive.documents.compactMap { $0.vector[term.term] }.max() ?? 0)
                        / Double(scale)
                }
                largest += Double(term.weight) * (weights.max() ?? 0)
            }
            let words = all.bm25(text)
            let factors =
                scaling == .maximum ? (0.5 / max(1e-9, all.largestBM25(text)), 0.5 / largest) : (0.5, 0.5)
            let most = factors.0 * all.largestBM25(text) + factors.1 * largest
            for hit in hits {
                let score = factors.0 * (words[hit.id] ?? 0) + factors.1 * (sums[hit.id] ?? 0)
                // A unit is a 2^31st of the largest score; a learned weight is at least one of them.
                #expect(abs(hit.score - score) <= 2e-4 * score + 3e-6 * most, "\(hit.id)")
            }
            #expect(hits.count == Set(words.keys).union(sums.keys).count { test.isVisible($0) })
            for traversal in Traversal.allCases {
                for k in [1, 10, 1000] {
                    let found = try index.snapshot.search(query, k: k, traversal: traversal, threads: 2).hits
                    #expect(found == Array(hits.prefix(k)), "\(traversal) k \(k)")
                }
            }
        }
    }

    /// Words know nothing of scales.
    @Test func wordsAreScoredAsInOneIndex() async throws {
        let test = Self.cases[1]
        let index = try await Parts(test)
        var random = SplitMix64(seed: 19)
        for _ in 0..<10 {
            let query = index.parts[0].query(.text, &random)
            let all = try index.snapshot.search(query, k: 10_000, traversal: .exhaustive).hits
            let scores = NaiveIndex(documents: index.parts.flatMap(\.naive.documents)).bm25(query)
            #expect(all.count == scores.keys.count { test.isVisible($0) })
            #expect(all.allSatisfy { abs($0.score - (scores[$0.id] ?? 0)) <= 1e-4 * max(1, $0.score) })
            for traversal in Traversal.allCases {
                let found = try index.snapshot.search(query, k: 10, traversal: traversal).hits
                #expect(found == Array(all.prefix(10)), "\(traversal)")
            }
        }
    }

    /// What a search within limits claims is true of exhaustive scoring.
    @Test(arguments: cases) func limitedSearchesClaimWhatHolds(test: Case) async throws {
        let index = try await Parts(test)
        var random = SplitMix64(seed: 20)
        for round in 0..<10 {
            let learned = index.parts[0].query(.learned, &random)
            let fused = FusedQuery(text: index.parts[0].query(.text, &random), learned: learned)
            func search(_ k: Int, _ limits: SearchLimits) throws -> SearchResult {
                round % 2 == 0
                    ? try index.snapshot.search(learned, k: k, traversal: .exhaustive, limits: limits)
                    : try index.snapshot.search(fused, k: k, traversal: .exhaustive, limits: limits)
            }
            let all = try search(10_000, SearchLimits()).hits
            for budget in [0, 1, 3, 10, 40, 1 << 40] {
                for (k, terms) in [(1, nil), (10, 2), (10, nil), (100, 1)] as [(Int, Int?)] {
                    let found = try search(k, SearchLimits(ranges: budget, boundTerms: terms))
                    let claim = found.certificate
                    #expect(found.counters.rangesScored <= budget)
                    #expect(Array(found.hits.prefix(claim.exactHits)) == Array(all.prefix(claim.exactHits)))
                    if claim.isExact { #expect(found.hits == Array(all.prefix(k))) }
                    if budget == 1 << 40 { #expect(claim.isExact) }
                    guard let bound = claim.unscoredBound else { continue }
                    let last = found.hits.count == k ? found.hits.last?.rawScore ?? 0 : 0
                    let ids = Set(found.hits.map(\.id))
                    let missed = all.filter { $0.rawScore > max(bound, last) && !ids.contains($0.id) }
                    #expect(missed.isEmpty, "budget \(budget), k \(k)")
                }
            }
        }
    }

    /// The crossing between views: the smallest integer whose score reaches it, none less.
    @Test func theLeastIntegerIsTheFirstThatReachesAScore() {
        let scales = LearnedScales(all: [1, 3.7, 83.21, 1e30, 1e-36], common: nil)
        let units = ScoreUnits(learned: [0.37, 0.11], scales: scales)
        var random = SplitMix64(seed: 3)
        for _ in 0..<2_000 {
            let (from, to) = (
                Int.random(in: 0..<5, using: &random), Int.random(in: 0..<5, using: &random)
            )
            let score =
                UInt32.random(in: 1...(1 << 31), using: &random)
                >> UInt32.random(in: 0..<31, using: &random)
            let compared = units.comparable(max(1, score), in: from)
            let least = units.least(compared, in: to)
            #expect(units.comparable(least, in: to) >= compared || least == .max)
            #expect(least == 1 || units.comparable(least - 1, in: to) < compared)
            if from == to { #expect(least <= max(1, score)) }
        }
    }

    /// A commit whose checksum holds and whose segment has no possible scale is damaged.
    @Test(arguments: ["0", "-1"]) func aScaleThatIsNoneIsRefused(scale: String) async throws {
        let index = try await RandomIndex(seed: 1, documents: 20, terms: 5, segments: 1, scale: 2)
        let path = index.directory + "/" + IndexFile.commit(named: index.snapshot.generation)
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let json = lines[0].replacing("\"scale\":2", with: "\"scale\":\(scale)")
        #expect(json != lines[0])
        let digits = unsafe String(apus_crc32c(0, Array(json.utf8), json.utf8.count), radix: 16)
        let sum = String(repeating: "0", count: 8 - digits.count) + digits
        try "\(json)\n\(sum)\n".write(toFile: path, atomically: true, encoding: .utf8)
        let detail = "its scale of learned weights is no scale"
        #expect(throws: IndexError.corrupt(path: path, detail: detail)) { try IndexSnapshot.open(index.directory) }
    }
}
