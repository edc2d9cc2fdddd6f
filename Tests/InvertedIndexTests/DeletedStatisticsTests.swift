import ApusTestSupport
import ByteStrings
import InvertedIndex
import Testing

/// A deleted document leaves no trace in scores: all numbers are those of an index that never held it, which is the oracle here.
@Suite struct DeletedStatisticsTests {
    struct Case: CustomTestStringConvertible {
        let seed: UInt64
        let documents: Int
        let segments: Int
        /// Of a thousand documents, how many are deleted; nil for all but one.
        let deleted: Int?
        var profile = IndexProfile.standard
        var testDescription: String {
            "seed \(seed), \(documents) documents, \(segments) segments, deleted \(deleted ?? -1) \(profile)"
        }

        func isKept(_ id: String) -> Bool {
            guard let deleted else { return id == "d\(documents / 2)" }
            var random = SplitMix64(seed: seed &* 1_000_003 &+ (UInt64(id.dropFirst()) ?? 0))
            return Int(random.next() % 1000) >= deleted
        }
    }

    static let cases: [Case] = [1, 10, 300, 500, 950, nil].enumerated().flatMap { index, deleted in
        [(60, 1), (700, 1), (700, 4), (1_500, 2)].enumerated().map { place, size in
            Case(
                seed: UInt64(10 * index + place), documents: size.0, segments: size.1, deleted: deleted,
                profile: place == 2 ? .compact : .standard)
        }
    }

    /// The same documents once with some of them deleted, and once without these from the beginning.
    private func indexes(_ test: Case) async throws -> (deleting: RandomIndex, fresh: RandomIndex) {
        // One document in forty has the largest impact, so that it is often among the deleted.
        let impacts: [UInt32] = test.profile == .compact ? [1, 2, 9, 31] : [1, 2, 3, 40, 60, 255]
        let whole = try await RandomIndex(
            seed: test.seed, documents: test.documents, terms: 40, segments: test.segments, profile: test.profile,
            impacts: impacts)
        let fresh = try await RandomIndex(
            seed: test.seed, documents: test.documents, terms: 40, segments: 1, profile: test.profile,
            impacts: impacts, keeping: test.isKept)
        let ids = whole.naive.documents.map(\.id).filter { !test.isKept($0) }
        return (try await whole.deleting(ids), fresh)
    }

    @Test(arguments: cases) func numbersOfTermsAreThoseOfTheLiveDocuments(test: Case) async throws {
        let (deleting, fresh) = try await indexes(test)
        let words = (0..<42).map { QueryTerm(term: "w\($0)", weight: 1) }
        let terms = (0..<42).map { QueryTerm(term: "t\($0)", weight: 1) }
        let queries = [Query(field: .text, terms: words), Query(field: .learned, terms: terms)]
        let found = try deleting.snapshot.collectionStatistics(for: queries)
        let expected = try fresh.snapshot.collectionStatistics(for: queries)
        #expect(found == expected)
        // And of both by counting the naive documents.
        for term in terms {
            let impacts = fresh.naive.documents.compactMap { $0.vector[term.term] }
            let number = found.learned[ByteString(term.term)]
            #expect(
                number?.documents == impacts.count && number?.largestWeight == Double(impacts.max() ?? 0))
        }
        for word in words {
            let count = fresh.naive.documents.count { $0.words.contains(word.term) }
            #expect(found.text[ByteString(word.term)]?.documents == count)
        }
        #expect(found.words == fresh.naive.documents.reduce(0) { $0 + $1.words.count })
        #expect(found.documentsWithText == fresh.naive.documents.count { !$0.words.isEmpty })
        #expect(found.documents == fresh.naive.documents.count)
        // A second time from what is known.
        let again = try deleting.snapshot.collectionStatistics(for: queries)
        #expect(again == found)
    }

    @Test(arguments: cases) func scoresAreThoseOfTheLiveDocuments(test: Case) async throws {
        let (deleting, fresh) = try await indexes(test)
        var random = SplitMix64(seed: test.seed)
        for round in 0..<4 {
            let text = deleting.query(.text, &random)
            let learned = deleting.query(.learned, &random)
            let fused = FusedQuery(
                text: text, learned: learned, weight: 0.4, scaling: round % 2 == 0 ? .maximum : .none)
            let searches: [(IndexSnapshot, Traversal, Int) throws -> SearchResult] = [
                { try $0.search(text, k: $2, traversal: $1) }, { try $0.search(learned, k: $2, traversal: $1) },
                { try $0.search(fused, k: $2, traversal: $1) },
            ]
            for k in [1, 10, 2_000] {
                for search in searches {
                    let expected = try search(fresh.snapshot, .exhaustive, k)
                    for traversal in Traversal.allCases {
                        let found = try search(deleting.snapshot, traversal, k)
                        #expect(
                            found.hits.map { "\($0.id) \($0.score)" } == expected.hits.map { "\($0.id) \($0.score)" },
                            "\(traversal), k \(k)")
                        #expect(found.unknownTerms == expected.unknownTerms)
                        #expect(found.certificate.isExact)
                    }
                }
            }
        }
    }

    /// A filter hides and does not delete: scores stay, and what was deleted stays away whatever the filter says.
    @Test func aFilterChangesNoNumbersAndBringsNothingBack() async throws {
        let test = Case(seed: 77, documents: 400, segments: 3, deleted: 300)
        let (deleting, fresh) = try await indexes(test)
        func isWanted(_ id: String) -> Bool { (id.utf8.last ?? 0) % 2 == 0 }
        func filtered(_ index: RandomIndex) -> IndexSnapshot {
            index.snapshot.restricted(
                to: index.snapshot.segments.map { segment in
                    DocumentSet(documents: segment.documents) { isWanted(segment.externalID($0)) }
                })
        }
        let (one, two) = (filtered(deleting), filtered(fresh))
        #expect(one.documentCount == two.documentCount)
        var random = SplitMix64(seed: 5)
        for _ in 0..<10 {
            let query = deleting.query(.text, &random)
            let hits = try one.search(query, k: 1000).hits
            let expected = try two.search(query, k: 1000).hits
            #expect(hits.map { "\($0.id) \($0.score)" } == expected.map { "\($0.id) \($0.score)" })
            let statistics = try one.collectionStatistics(for: [query])
            let whole = try fresh.snapshot.collectionStatistics(for: [query])
            #expect(statistics == whole)
        }
    }
}
