import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Whatever documents were added, replaced and deleted, in whichever commits and merges: what the index answers is what an index
/// answers that was built of the living documents alone. `APUS_HISTORIES` asks for more histories.
@Suite struct HistoryTests {
    static let groups = 12

    @Test(arguments: 0..<groups)
    func everyHistoryEndsAsAFreshBuildOfWhatLives(group: Int) async throws {
        for seed in RandomHistories.seeds(240, group: group, of: Self.groups) {
            var history = try History(seed: seed)
            try await history.run()
        }
    }
}

/// One random life of an index, beside the documents that it should hold.
private struct History {
    private let seed: UInt64
    private let terms: Int
    private let directory: String
    private var random: SplitMix64
    private var living: [String: NaiveIndex.Document] = [:]

    init(seed: UInt64) throws {
        self.seed = seed
        random = SplitMix64(seed: seed)
        terms = Int.random(in: 3...30, using: &random)
        directory = try TestPaths.temporaryDirectory()
    }

    private var options: IndexOptions {
        var options = IndexOptions()
        options.learnedScale = 1
        options.profile = seed % 5 == 0 ? .compact : .standard
        // A few histories flush in the middle of a batch's life.
        if seed % 3 == 0 { options.flushBytes = 4_000 }
        return options
    }

    mutating func run() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let vocabulary = (0..<terms).map { "t\($0)" }
        var writer = try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary)
        var snapshot = try await writer.commit()
        for _ in 0..<Int.random(in: 3...25, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2: try await add(to: writer)
            case 3, 4: try await update(writer)
            case 5, 6: try await delete(from: writer)
            case 7:
                snapshot = try await writer.commit()
                try await check(snapshot)
            case 8:
                if Bool.random(using: &random) {
                    try await writer.mergeAsNeeded(reorder: Bool.random(using: &random))
                } else {
                    try await writer.merge(
                        to: Int.random(in: 1...2, using: &random), reorder: Bool.random(using: &random))
                }
            default:
                snapshot = try await writer.commit()
                // Two writers at once are refused: the old one goes first.
                writer = try await reopened(&writer, vocabulary)
            }
        }
        try await writer.commit()
        try await check(try snapshot.refreshed())
        let opened = try IndexSnapshot.open(directory)
        try await check(opened)
        let findings = try opened.deepCheck()
        #expect(findings.isEmpty, "seed \(seed)")
    }

    private func reopened(_ writer: inout IndexWriter, _ vocabulary: [String]) async throws -> IndexWriter {
        let other = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: other) }
        // Lets go of the last reference to the old writer, and of its lock.
        writer = try IndexWriter.create(at: other, options: options, vocabulary: vocabulary)
        // Every other history packs its small segments from here on.
        return try IndexWriter.open(at: directory, vocabulary: vocabulary, packs: seed % 2 == 0)
    }

    // MARK: changes

    private mutating func id() -> String { "d\(Int.random(in: 0..<60, using: &random))" }

    private mutating func document(_ id: String) -> NaiveIndex.Document {
        let words = (0..<Int.random(in: 0...50, using: &random)).map { _ in
            let x = Double.random(in: 0..<1, using: &random)
            return "w\(Int(x * x * Double(terms)))"
        }
        let impacts: [UInt32] = seed % 5 == 0 ? [1, 2, 9, 31] : [1, 2, 3, 40, 255]
        var vector: [String: UInt32] = [:]
        for term in 0..<terms where Double.random(in: 0..<1, using: &random) < 3.0 / Double(term + 3) {
            vector["t\(term)"] = impacts.randomElement(using: &random)
        }
        return .init(id: id, words: words, vector: vector)
    }

    private mutating func batch(_ ids: [String]) -> [IndexDocument] {
        ids.map { id in
            let document = document(id)
            living[id] = document
            return document.indexed
        }
    }

    private mutating func someIDs() -> [String] {
        var ids: Set<String> = []
        for _ in 0..<Int.random(in: 1...(Bool.random(using: &random) ? 3 : 20), using: &random) { ids.insert(id()) }
        return ids.sorted()
    }

    private mutating func add(to writer: IndexWriter) async throws {
        let known = try #require(someIDs().first)
        if living[known] != nil {
            await #expect(throws: IndexError.duplicateDocument(id: known)) {
                try await writer.add([NaiveIndex.Document(id: known, words: ["w0"], vector: [:]).indexed])
            }
        }
        let fresh = someIDs().filter { living[$0] == nil }
        try await writer.add(batch(fresh))
    }

    private mutating func update(_ writer: IndexWriter) async throws {
        let ids = someIDs()
        let replaced = ids.count { living[$0] != nil }
        let found = try await writer.update(batch(ids))
        #expect(found == replaced)
    }

    private mutating func delete(from writer: IndexWriter) async throws {
        let ids = Int.random(in: 0..<12, using: &random) == 0 ? living.keys.sorted() : someIDs()
        let found = try await writer.delete(ids)
        #expect(found == ids.map { living[$0] != nil })
        for id in ids { living[id] = nil }
    }

    // MARK: what it has to answer

    private mutating func check(_ snapshot: IndexSnapshot) async throws {
        let fresh = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: fresh) }
        let vocabulary = (0..<terms).map { "t\($0)" }
        let writer = try IndexWriter.create(at: fresh, options: options, vocabulary: vocabulary)
        try await writer.add(living.keys.sorted().compactMap { living[$0].map(\.indexed) })
        try await writer.merge(to: 1, reorder: false)
        let expected = try await writer.commit()
        #expect(snapshot.documentCount == living.count)
        for id in living.keys { #expect(snapshot.contains(id)) }
        let numbers = try [snapshot, expected].map { try $0.collectionStatistics() }
        #expect(numbers[0] == numbers[1])
        let found = try snapshot.statistics().fields
        for (field, other) in zip(found, try expected.statistics().fields) {
            #expect((field.terms, field.postings) == (other.terms, other.postings), "seed \(seed), \(field.field)")
            #expect(field.averageLength == other.averageLength)
        }
        for _ in 0..<3 {
            let text = query(.text)
            let learned = query(.learned)
            let scaling: FusedQuery.Scaling = Bool.random(using: &random) ? .maximum : .none
            let fused = FusedQuery(
                text: text, learned: learned, weight: Double.random(in: 0...1, using: &random), scaling: scaling)
            for k in [1, 10, 100] {
                let traversals = Traversal.allCases
                for (index, traversal) in traversals.enumerated() where k == 10 || index == Int(seed % 5) {
                    let searches: [(IndexSnapshot) throws -> SearchResult] = [
                        { try $0.search(text, k: k, traversal: traversal) },
                        { try $0.search(learned, k: k, traversal: traversal, threads: 2) },
                        { try $0.search(fused, k: k, traversal: traversal) },
                    ]
                    for search in searches {
                        let hits = try search(snapshot).hits.map { "\($0.id) \($0.score)" }
                        let wanted = try search(expected).hits.map { "\($0.id) \($0.score)" }
                        #expect(hits == wanted, "seed \(seed), \(traversal), k \(k), \(fused)")
                    }
                }
            }
            if let id = living.keys.min() {
                let explained = try snapshot.explain(fused, documentID: id)
                let wanted = try expected.explain(fused, documentID: id)
                #expect(explained?.terms.map(\.contribution) == wanted?.terms.map(\.contribution))
            }
        }
    }

    private mutating func query(_ field: Field) -> Query {
        let terms = (0..<Int.random(in: 1...8, using: &random)).map { _ in
            let number = Int.random(in: 0..<(self.terms + 2), using: &random)
            let weight = field == .text ? 1 : Float([0.25, 0.5, 1, 3].randomElement(using: &random) ?? 1)
            return QueryTerm(term: (field == .text ? "w" : "t") + "\(number)", weight: weight)
        }
        let power: Double = [0.0, 0.5, 1.0].randomElement(using: &random) ?? 0
        return Query(field: field, terms: terms, idfPower: field == .learned ? power : 0)
    }
}
