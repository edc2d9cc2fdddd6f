import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Random (index, query, depth) cases: each pruned traversal against exhaustive scoring. `APUS_CASES` asks for more.
@Suite(.smallWindows) struct RandomCaseTests {
    /// Cases of all tests together by default.
    static let cases = ProcessInfo.processInfo.environment["APUS_CASES"].flatMap(Int.init) ?? 100_000
    static let indexes = 20

    @Test(arguments: 0..<indexes)
    func prunedTraversalsEqualExhaustiveScoring(number: Int) async throws {
        var random = SplitMix64(seed: UInt64(9000 + number))
        let documents = Int.random(in: 1...(number % 5 == 0 ? 1500 : 500), using: &random)
        let index = try await RandomIndex(
            seed: UInt64(number), documents: documents, terms: Int.random(in: 3...60, using: &random),
            segments: Int.random(in: 1...3, using: &random), merged: number % 4 == 0,
            profile: number % 3 == 2 ? .compact : .standard,
            impacts: number % 3 == 2 ? [1, 2, 9, 31] : [1, 2, 3, 40, 255])
        let traversals = Traversal.allCases.filter { $0 != .exhaustive }
        let depths = [1, 2, 5, 10, 11, 100, 1000, documents, documents + 1]
        var done = 0
        while done < Self.cases / Self.indexes {
            let field = Field.allCases.randomElement(using: &random)
            let text = index.query(.text, &random)
            let learned = index.query(.learned, &random)
            let weight = Double.random(in: 0...1, using: &random)
            let fused = FusedQuery(text: text, learned: learned, weight: weight)
            let isFused = done % 7 == 0
            func search(_ k: Int, _ traversal: Traversal) throws -> [Hit] {
                if isFused { return try index.snapshot.search(fused, k: k, traversal: traversal).hits }
                return try index.snapshot.search(field == .text ? text : learned, k: k, traversal: traversal).hits
            }
            let expected = try search(documents + 1, .exhaustive)
            for k in depths {
                let traversal = traversals[Int.random(in: 0..<traversals.count, using: &random)]
                let found = try search(k, traversal)
                // Compared first as a whole: a recorded expectation per case would dominate the time.
                if found != Array(expected.prefix(k)) {
                    Issue.record(
                        "index \(number), \(traversal), k \(k), \(isFused ? "\(fused)" : "\(text) \(learned)")")
                    return
                }
                done += 1
            }
        }
    }

    /// Impacts that fit 5 bits are the same numbers in either profile, so are the scores.
    @Test(arguments: [false, true])
    func compactIndexesGiveTheSameHits(merged: Bool) async throws {
        let impacts: [UInt32] = [1, 2, 7, 30, 31]
        let plain = try await RandomIndex(
            seed: 78, documents: 900, terms: 30, segments: 2, merged: merged, impacts: impacts)
        let compact = try await RandomIndex(
            seed: 78, documents: 900, terms: 30, segments: 2, merged: merged, profile: .compact, impacts: impacts)
        #expect(compact.snapshot.profile == .compact && plain.snapshot.profile == .standard)
        #expect(try IndexSnapshot.open(compact.directory).profile == .compact)
        let bytes = try [plain, compact].map {
            try $0.snapshot.statistics().fields.first { $0.field == .learned }?.bytes ?? 0
        }
        #expect(bytes[1] < bytes[0] * 3 / 4)
        var random = SplitMix64(seed: 7)
        for traversal in Traversal.allCases {
            for _ in 0..<20 {
                let query = plain.query(.learned, &random)
                let first = try plain.snapshot.search(query, k: 50, traversal: .exhaustive).hits
                let second = try compact.snapshot.search(query, k: 50, traversal: traversal).hits
                #expect(first.map(\.id) == second.map(\.id))
                #expect(first.map(\.rawScore) == second.map(\.rawScore))
            }
        }
    }

    /// Neighbours may change their docids, never a score or an order.
    @Test func reorderedDocumentsGiveTheSameHits() async throws {
        let plain = try await RandomIndex(seed: 77, documents: 1500, terms: 40, segments: 2)
        let ordered = try await RandomIndex(seed: 77, documents: 1500, terms: 40, segments: 2, merged: true)
        #expect(ordered.snapshot.segments.map(\.entry.isReordered) == [true])
        #expect(plain.snapshot.segments.allSatisfy { !$0.entry.isReordered })
        var random = SplitMix64(seed: 6)
        for _ in 0..<50 {
            for field in Field.allCases {
                let query = plain.query(field, &random)
                let first = try plain.snapshot.search(query, k: 100).hits
                let second = try ordered.snapshot.search(query, k: 100).hits
                #expect(first.map(\.id) == second.map(\.id))
                #expect(first.map(\.rawScore) == second.map(\.rawScore))
            }
        }
    }
}
