import ApusTestSupport
import InvertedIndex
import Testing

/// Scores of given documents against those of an exhaustive search.
@Suite struct GivenDocumentTests {
    @Test(arguments: 0..<12 as Range<UInt64>)
    func scoresAreThoseOfASearch(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let whole = try await RandomIndex(seed: seed, documents: 400, terms: 30, segments: 3, merged: seed % 4 == 3)
        let index = seed % 2 == 0 ? whole : try await whole.deleting((0..<40).map { "d\($0 * 7)" })
        var snapshot = index.snapshot
        if seed % 3 == 0 {
            let sets = snapshot.views.map { DocumentSet(documents: $0.segment.documents) { $0 % 3 == 0 } }
            snapshot = snapshot.boosted(by: [DocumentBoost(documents: sets, factor: 1.7)])
        }
        for round in 0..<8 {
            let query = index.query(round % 2 == 0 ? .text : .learned, &random)
            let found = try snapshot.search(query, k: 1000, traversal: .exhaustive).hits
            let scores = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0.score) })
            let ids = index.naive.documents.map(\.id).shuffled(using: &random).prefix(120)
            let places = try ids.map { try #require(snapshot.place(of: $0)) }
            #expect(try snapshot.scores(query, of: places) == ids.map { scores[$0] ?? 0 })
            #expect(found.prefix(5).map { snapshot.place(of: $0.id) } == found.prefix(5).map(\.place))
        }
        #expect(snapshot.place(of: "nowhere") == nil)
    }
}
