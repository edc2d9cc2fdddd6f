import ApusTestSupport
import Foundation
import Testing

@testable import InvertedIndex

/// Documents of several passages score what their best passage scores, hit for hit, whatever is walked, deleted, joined or left out.
@Suite(.smallWindows) struct PassageSearchTests {
    private static let depths = [1, 2, 3, 10, 50, 1000]

    /// Both rankings of a query, over all depths and traversals.
    private func compare(
        _ snapshot: IndexSnapshot, _ twin: IndexSnapshot, _ documents: [PassageIndex.Document], seed: UInt64,
        queries: Int = 12
    ) throws {
        var random = SplitMix64(seed: seed)
        let passages = Dictionary(uniqueKeysWithValues: documents.map { ($0.id, $0.passages.count) })
        let words = snapshot.segments.first?.fields[.learned]?.terms ?? 0
        func query(_ field: Field) -> Query {
            let terms = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                QueryTerm(
                    term: (field == .text ? "w" : "t") + "\(Int.random(in: 0..<words + 2, using: &random))",
                    weight: field == .text ? 1 : Float([0.25, 0.5, 1, 3].randomElement(using: &random) ?? 1))
            }
            return Query(
                field: field, terms: terms, idfPower: field == .learned && Bool.random(using: &random) ? 0.5 : 0)
        }
        for number in 0..<queries {
            let (text, learned) = (query(.text), query(.learned))
            let fused = FusedQuery(
                text: text, learned: learned, weight: Double.random(in: 0.1...0.9, using: &random),
                scaling: Bool.random(using: &random) ? .none : .maximum)
            let statistics = try snapshot.collectionStatistics(for: [text, learned])
            let (own, other) = (snapshot.scored(with: statistics), twin.scored(with: statistics))
            let isFused = number % 2 == 0
            func search(_ snapshot: IndexSnapshot, _ k: Int, _ traversal: Traversal, _ threads: Int = 1) throws
                -> SearchResult
            {
                isFused
                    ? try snapshot.search(fused, k: k, traversal: traversal, threads: threads)
                    : try snapshot.search(learned, k: k, traversal: traversal, threads: threads)
            }
            let matching = try other.search(learned, k: 100_000, traversal: .exhaustive).hits
            let all = PassageRanking.best(
                try search(other, 100_000, .exhaustive).hits, matching: matching, passages: passages)
            for traversal in Traversal.allCases {
                for k in Self.depths {
                    let result = try search(own, k, traversal, k == 10 ? 2 : 1)
                    let found = PassageRanking.of(result.hits)
                    guard found == Array(all.prefix(k)) else {
                        Issue.record("\(traversal), k \(k), \(fused): \(found.prefix(5)) for \(all.prefix(5))")
                        return
                    }
                    #expect(result.certificate.isExact && result.certificate.exactHits == found.count)
                }
            }
            // Scores by place, and explanations.
            let hits = try search(own, 1000, .automatic).hits
            if !isFused {
                let scores = try own.scores(learned, of: hits.map(\.place).reversed())
                #expect(scores == hits.map(\.score).reversed())
                let places = try own.bestPassages(learned, of: hits.map(\.place))
                #expect(places == hits.map(\.passage))
            }
            for hit in hits.prefix(20) {
                let explanation =
                    isFused ? try own.explain(fused, documentID: hit.id) : try own.explain(learned, documentID: hit.id)
                let document = documents.first { $0.id == hit.id }
                let passage = document?.passages[(hit.passage?.number ?? 1) - 1]
                #expect(explanation?.rawScore == hit.rawScore)
                for term in explanation?.terms ?? [] where term.field == .learned {
                    #expect(passage?[term.term] == term.value)
                }
            }
        }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func hitsAreThoseOfScoringEveryPassage(seed: UInt64) async throws {
        var index = try await PassageIndex(
            seed: seed, documents: [1, 9, 60, 400][Int(seed % 4)], terms: seed % 3 == 0 ? 60 : 12,
            segments: seed % 2 == 0 ? 3 : 1, reordered: seed % 5 == 0, storesVectors: seed % 3 == 1)
        defer { index.remove() }
        #expect(index.snapshot.hasPassages || index.documents.allSatisfy { $0.passages.count == 1 })
        #expect(try index.snapshot.deepCheck().isEmpty)
        try compare(index.snapshot, index.twin, index.documents, seed: seed)
        let gone = Set(index.documents.enumerated().filter { $0.offset % 3 == 1 }.map(\.element.id))
        try await index.delete(gone, merging: seed % 2 == 1)
        #expect(try index.snapshot.deepCheck().isEmpty)
        let left = index.documents.filter { !gone.contains($0.id) }
        try compare(index.snapshot, index.twin, left, seed: seed + 100)
        // A merge puts passages beside their documents, also in another order.
        let writer = try IndexWriter.open(at: index.directory, vocabulary: index.vocabulary)
        _ = try await writer.merge(to: 1, reorder: true)
        let merged = try await writer.commit()
        #expect(try merged.deepCheck().isEmpty)
        try compare(merged, index.twin, left, seed: seed + 200)
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func filteredAndBoostedHitsToo(seed: UInt64) async throws {
        let index = try await PassageIndex(seed: 50 + seed, documents: 150, terms: 20, segments: 2)
        defer { index.remove() }
        func sets(_ snapshot: IndexSnapshot, every: Int) -> [DocumentSet] {
            snapshot.segments.map { segment in
                DocumentSet(documents: segment.documents) { docid in
                    let id = segment.externalID(docid).split(separator: "#")[0].dropFirst()
                    return Int(id).map { $0 % every == 0 } ?? false
                }
            }
        }
        func changed(_ snapshot: IndexSnapshot) -> IndexSnapshot {
            let filtered = snapshot.restricted(to: sets(snapshot, every: 2))
            guard seed % 2 == 1 else { return filtered }
            return filtered.boosted(by: [
                DocumentBoost(documents: sets(snapshot, every: 3), factor: 2.5),
                DocumentBoost(documents: sets(snapshot, every: 5), factor: 0.3),
            ])
        }
        let left = index.documents.filter { Int($0.id.dropFirst()).map { $0 % 2 == 0 } ?? false }
        try compare(changed(index.snapshot), changed(index.twin), left, seed: seed)
    }

    @Test func indexesWithScalesOfTheirOwn() async throws {
        let first = try await PassageIndex(seed: 70, documents: 80, terms: 20)
        let second = try await PassageIndex(seed: 71, documents: 90, terms: 20, segments: 2, scale: 3, firstID: 1000)
        defer {
            first.remove()
            second.remove()
        }
        try compare(
            IndexSnapshot(joining: [first.snapshot, second.snapshot]),
            IndexSnapshot(joining: [first.twin, second.twin]),
            first.documents + second.documents, seed: 72)
    }

    @Test func limitsSayWhatTheyProve() async throws {
        let index = try await PassageIndex(seed: 80, documents: 900, terms: 30)
        defer { index.remove() }
        var random = SplitMix64(seed: 81)
        for _ in 0..<60 {
            let query = index.query(.learned, &random)
            let all = try index.snapshot.search(query, k: 1000, traversal: .exhaustive)
            for (k, ranges) in [(1, 1), (5, 3), (20, 10), (400, 29)] {
                let found = try index.snapshot.search(query, k: k, limits: SearchLimits(ranges: ranges))
                #expect(found.certificate.mode == .approximate)
                let proved = found.certificate.exactHits
                #expect(Array(found.hits.prefix(proved)) == Array(all.hits.prefix(proved)))
                if found.certificate.isExact { #expect(found.hits == Array(all.hits.prefix(k))) }
                for hit in found.hits { #expect(all.hits.contains(hit)) }
            }
        }
    }

    @Test func littleIsScoredTwice() async throws {
        let index = try await PassageIndex(seed: 90, documents: 2000, terms: 60, most: 3)
        defer { index.remove() }
        var random = SplitMix64(seed: 91)
        var deepest = 0
        for _ in 0..<40 {
            let query = index.query(.learned, &random)
            let found = try index.snapshot.search(query, k: 10)
            deepest = max(deepest, found.counters.rescored)
            let all = try index.snapshot.search(query, k: 10, traversal: .exhaustive)
            #expect(found.hits == all.hits && found.counters.rescored <= all.counters.rescored)
        }
        #expect(deepest > 10)
    }

    @Test func indexesWithoutPassagesAreWhatTheyWere() async throws {
        let index = try await PassageIndex(seed: 95, documents: 50, terms: 10, most: 1)
        defer { index.remove() }
        #expect(!index.snapshot.hasPassages)
        let names = try FileManager.default.contentsOfDirectory(atPath: index.directory)
        for name in names where name.hasPrefix("commit-") {
            let text = try String(contentsOfFile: index.directory + "/" + name, encoding: .utf8)
            #expect(text.hasPrefix("{\"format\":4,"))
        }
    }

    @Test func commitsWithPassagesAreOfAFormatThatOlderVersionsRefuse() async throws {
        let index = try await PassageIndex(seed: 96, documents: 50, terms: 10)
        defer { index.remove() }
        let names = try FileManager.default.contentsOfDirectory(atPath: index.directory)
        for name in names where name.hasPrefix("commit-") {
            let text = try String(contentsOfFile: index.directory + "/" + name, encoding: .utf8)
            #expect(text.hasPrefix("{\"format\":6,"))
        }
        #expect(try IndexSnapshot.open(index.directory).hasPassages)
    }
}
