import ApusTestSupport
import Testing

@testable import InvertedIndex

/// Parts of a collection searched apart, each with the numbers of the whole: their lists together hold the hits of the whole, with
/// the same scores, and a second round that begins at a score of the first finds the same.
@Suite struct GivenStatisticsTests {
    @Test(arguments: [[Float(1), 1, 1], [2, 0.5], [83.21, 3.7, 83.21, 9]], [UInt64(3), 4])
    func listsOfPartsAreTheListOfTheWhole(scales: [Float], seed: UInt64) async throws {
        var parts: [RandomIndex] = []
        for (number, scale) in scales.enumerated() {
            parts.append(
                try await RandomIndex(
                    seed: seed * 100 &+ UInt64(number), documents: 80, terms: 20, segments: number % 2 + 1,
                    impacts: [1, 2, 4, 8, 64, 128], scale: scale, firstID: number * 80))
        }
        let whole = IndexSnapshot(joining: parts.map(\.snapshot))
        var random = SplitMix64(seed: seed)
        for round in 0..<12 {
            let (text, learned) = (parts[0].query(.text, &random), parts[0].query(.learned, &random))
            var numbers = try parts[0].snapshot.collectionStatistics(for: [text, learned])
            for part in parts.dropFirst() {
                numbers = numbers + (try part.snapshot.collectionStatistics(for: [text, learned]))
            }
            for k in [1, 7, 50, 1000] {
                for traversal in [Traversal.exhaustive, .range, .maxScore, .blockMaxWand] {
                    func search(_ snapshot: IndexSnapshot, least: UInt32 = 0) throws -> SearchResult {
                        switch round % 3 {
                        case 0: try snapshot.search(text, k: k, traversal: traversal, least: least)
                        case 1: try snapshot.search(learned, k: k, traversal: traversal, least: least)
                        default:
                            try snapshot.search(
                                FusedQuery(text: text, learned: learned), k: k, traversal: traversal, least: least)
                        }
                    }
                    func gather(_ results: [SearchResult]) -> [Listed] {
                        Array(results.flatMap(\.hits).map(Listed.init).sorted().prefix(k))
                    }
                    let scored = parts.map { $0.snapshot.scored(with: numbers) }
                    let expected = try search(whole).hits.map(Listed.init)
                    let first = gather(try scored.map { try search($0) })
                    #expect(first == expected, "\(traversal) k \(k)")
                    // The k-th of few documents of each part.
                    let few = try scored.flatMap { try search($0).hits.prefix(max(1, k / 2)) }.map(Listed.init).sorted()
                    let least = few.count >= k ? few[k - 1].raw : 0
                    let second = try scored.map { try search($0, least: least) }
                    #expect(gather(second) == expected, "\(traversal) k \(k) from \(least)")
                    let areExact = second.allSatisfy(\.certificate.isExact)
                    #expect(areExact)
                }
            }
        }
    }

    private struct Listed: Comparable {
        let id: String
        let score: Double
        let raw: UInt32
        init(_ hit: Hit) { (id, score, raw) = (hit.id, hit.score, hit.rawScore) }
        static func < (a: Listed, b: Listed) -> Bool { a.raw != b.raw ? a.raw > b.raw : a.id > b.id }
    }
}
