import ApusTestSupport
import InvertedIndex
import Testing

/// Hidden documents change nothing for the others: the hits are, one for one, those of an index that never held them, scored with
/// the numbers of the whole collection.
@Suite(.smallWindows) struct HiddenDocumentTests {
    private struct Case: CustomTestStringConvertible {
        let seed: UInt64
        let documents: Int
        let segments: Int
        /// Of a thousand documents, how many are hidden; nil for all but one.
        let hidden: Int?
        var testDescription: String {
            "seed \(seed), \(documents) documents, \(segments) segments, hidden \(hidden ?? -1)"
        }
    }

    private static let cases: [Case] = [0, 10, 500, 900, nil].enumerated().flatMap { index, hidden in
        [(40, 1), (300, 1), (300, 4), (1_300, 2)].enumerated().map { place, size in
            Case(seed: UInt64(10 * index + place), documents: size.0, segments: size.1, hidden: hidden)
        }
    }

    /// Hidden by a hash of the id, so that two indexes agree.
    private static func isVisible(_ id: String, _ test: Case) -> Bool {
        guard let hidden = test.hidden else { return id == "d\(test.documents / 2)" }
        var random = SplitMix64(seed: test.seed &* 1_000_003 &+ (UInt64(id.dropFirst()) ?? 0))
        return Int(random.next() % 1000) >= hidden
    }

    private static func restricted(_ snapshot: IndexSnapshot, _ test: Case) -> IndexSnapshot {
        snapshot.restricted(
            to: snapshot.segments.map { segment in
                DocumentSet(documents: segment.documents) { isVisible(segment.externalID($0), test) }
            })
    }

    @Test(arguments: cases) private func hitsAreThoseOfAnIndexWithoutThem(test: Case) async throws {
        let whole = try await RandomIndex(
            seed: test.seed, documents: test.documents, terms: 12, segments: test.segments, merged: test.segments == 2)
        let part = try await RandomIndex(seed: test.seed, documents: test.documents, terms: 12, segments: 1) {
            Self.isVisible($0, test)
        }
        let hiding = Self.restricted(whole.snapshot, test)
        #expect(hiding.documentCount == part.snapshot.documentCount)
        var random = SplitMix64(seed: test.seed)
        for _ in 0..<3 {
            let text = whole.query(.text, &random)
            let learned = whole.query(.learned, &random)
            let fused = FusedQuery(text: text, learned: learned, weight: 0.4)
            let reference = try part.snapshot.scored(with: whole.snapshot.collectionStatistics(for: [text, learned]))
            for k in [1, 10, 2_000] {
                for traversal in Traversal.allCases {
                    for threads in k == 10 && test.segments > 1 ? [1, 2] : [1] {
                        let searches: [(IndexSnapshot) throws -> SearchResult] = [
                            { try $0.search(text, k: k, traversal: traversal, threads: threads) },
                            { try $0.search(learned, k: k, traversal: traversal, threads: threads) },
                            { try $0.search(fused, k: k, traversal: traversal, threads: threads) },
                        ]
                        for search in searches {
                            let found = try search(hiding)
                            let expected = try search(reference)
                            #expect(
                                found.hits.map { "\($0.id) \($0.score)" }
                                    == expected.hits.map { "\($0.id) \($0.score)" },
                                "\(traversal), k \(k), \(threads) threads")
                            #expect(found.certificate.isExact)
                        }
                    }
                }
            }
        }
    }

    /// Whatever a search within limits finds is visible, and what its certificate claims holds.
    @Test(arguments: cases) private func limitedSearchesShowNothingHidden(test: Case) async throws {
        let whole = try await RandomIndex(
            seed: test.seed, documents: test.documents, terms: 12, segments: test.segments)
        let hiding = Self.restricted(whole.snapshot, test)
        var random = SplitMix64(seed: test.seed)
        for ranges in [1, 3, 1000] {
            let query = whole.query(.learned, &random)
            var limits = SearchLimits()
            limits.ranges = ranges
            let found = try hiding.search(query, k: 5, limits: limits)
            let exact = try hiding.search(query, k: 5, traversal: .exhaustive)
            #expect(found.hits.allSatisfy { Self.isVisible($0.id, test) })
            let proved = found.certificate.exactHits
            #expect(found.hits.prefix(proved).map(\.id) == exact.hits.prefix(proved).map(\.id))
        }
    }

    /// A list's stored k-th impact promises k documents; hidden ones may be among them.
    @Test func theThresholdDoesNotCountHiddenDocuments() async throws {
        var options = IndexOptions()
        options.learnedScale = 1
        let writer = try IndexWriter.create(
            at: TestPaths.temporaryDirectory(), options: options, vocabulary: ["t"])
        for number in 0..<30 {
            let weight: Float = number < 10 ? 200 : 5
            try await writer.add([
                IndexDocument(id: "d\(number)", wordBytes: [], wordEnds: [], terms: [0], weights: [weight])
            ])
        }
        let snapshot = try await writer.commit()
        let hiding = snapshot.restricted(to: [DocumentSet(documents: 30) { $0 >= 10 }])
        let query = Query(field: .learned, terms: [QueryTerm(term: "t", weight: 1)])
        for traversal in Traversal.allCases {
            let hits = try hiding.search(query, k: 10, traversal: traversal).hits
            #expect(hits.count == 10 && hits.allSatisfy { $0.score == 5 }, "\(traversal)")
        }
    }

    @Test func documentsThatDoNotCountAreNotFoundByTheirId() async throws {
        let index = try await RandomIndex(seed: 1, documents: 20, terms: 5, segments: 1)
        let hiding = index.snapshot.restricted(to: [DocumentSet(documents: 20) { _ in false }])
        #expect(!hiding.contains("d3") && hiding.documentCount == 0)
        #expect(try hiding.vector(of: "d3") == nil)
        var random = SplitMix64(seed: 1)
        #expect(try hiding.search(index.query(.text, &random), k: 5).hits.isEmpty)
    }

    /// Numbers add up: those of two halves together are those of the whole.
    @Test func statisticsAddUp() async throws {
        let whole = try await RandomIndex(seed: 9, documents: 200, terms: 8, segments: 1)
        let halves = [
            try await RandomIndex(seed: 9, documents: 200, terms: 8, segments: 1) { ($0.utf8.last ?? 0) % 2 == 0 },
            try await RandomIndex(seed: 9, documents: 200, terms: 8, segments: 1) { ($0.utf8.last ?? 0) % 2 == 1 },
        ]
        var random = SplitMix64(seed: 9)
        let queries = [whole.query(.text, &random), whole.query(.learned, &random)]
        let parts = try halves.map { try $0.snapshot.collectionStatistics(for: queries) }
        let both = try whole.snapshot.collectionStatistics(for: queries)
        #expect(parts[0] + parts[1] == both)
    }
}
