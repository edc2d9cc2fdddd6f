import ApusTestSupport
import ByteStrings
import Foundation
import InvertedIndex
import Testing

@testable import Apus

/// Indexes that become one on disk: texts, filters and settings too.
@Suite struct IndexJoiningTests {
    @Test func textsAndFiltersAreThoseOfTheParts() async throws {
        let collection = try await PartedCollection(seed: 5, documents: 90, scales: [1, 1, 1])
        defer { collection.remove() }
        let target = collection.directory + "/joined"
        let report = try await IndexJoining().run(collection.parts, to: target)
        #expect(report.documents == 90 && report.indexes == 3 && report.copied == 0 && report.linked > 0)
        let (joined, whole) = (try SearchIndex(target), try SearchIndex(collection.whole))
        try joined.verify()
        #expect(try joined.deepCheck().isEmpty)
        #expect(try joined.documents.documents(collection.ids) == whole.documents.documents(collection.ids))
        let filter = try Filter(parsing: "year >= 1995")
        #expect(try Set(joined.ids(matching: filter)) == Set(whole.ids(matching: filter)))
        // It is an index like any other.
        var copying = IndexJoining()
        copying.copies = true
        copying.most = 1
        let copied = try await copying.run([target], to: collection.directory + "/copied")
        #expect(copied.linked == 0 && copied.segments == 1 && copied.documents == 90)
    }

    @Test func aDocumentOfTwoPartsIsRefusedOrReplaced() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let parts = ["a", "b"].map { directory + "/" + $0 }
        try await PartedCollection.build(
            [#"{"id": "x", "contents": "old", "vector": {"s": 1}}"#, #"{"id": "y", "contents": "why", "vector": {}}"#],
            at: parts[0], in: directory)
        try await PartedCollection.build(
            [#"{"id": "x", "contents": "new", "vector": {"s": 2}}"#], at: parts[1], in: directory)
        let target = directory + "/joined"
        do {
            _ = try await IndexJoining().run(parts, to: target)
            Issue.record("joined")
        } catch ApusError.repeatedDocument(let id, let first, let second) {
            #expect(id == "x" && first == parts[0] && second == parts[1])
        }
        #expect(!FileManager.default.fileExists(atPath: target))
        var joining = IndexJoining()
        joining.replacesKnown = true
        let report = try await joining.run(parts, to: target)
        #expect(report.documents == 2 && report.replaced == 1)
        let joined = try SearchIndex(target)
        #expect(try joined.documents.documents(["x"])[ByteString("x")]?.text == "new")
        #expect(try joined.snapshot.documentFrequency(of: "old", field: .text) == 0)
        #expect(try joined.deepCheck().isEmpty)
    }

    /// Each says which two, and what differs.
    @Test(arguments: [
        "analyzer", "learned.idf-power", "bm25.k1", "bm25.title-weight", "profile", "norm-power",
        "store-vectors",
        "filterable",
    ])
    func partsMadeInDifferentWaysAreRefused(name: String) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let parts = ["a", "b", "c"].map { directory + "/" + $0 }
        for (number, part) in parts.enumerated() {
            try await PartedCollection.build(
                [#"{"id": "x\#(number)", "contents": "stars", "vector": {"s": 1}}"#], at: part, in: directory
            ) { builder in
                guard number == 2 else { return }
                switch name {
                case "analyzer": builder.analyzer = .unicode
                case "learned.idf-power": builder.idfPower = 1
                case "bm25.k1": builder.k1 = 2
                case "bm25.title-weight": builder.titleWeight = 5
                case "profile": builder.profile = .compact
                case "norm-power": builder.normPower = 0.5
                case "store-vectors": builder.storesVectors = true
                default: builder.filterable = [MetadataPath("year")]
                }
            }
        }
        for opens in [false, true] {
            do {
                if opens {
                    _ = try SearchIndex(shards: parts)
                } else {
                    _ = try await IndexJoining().run(parts, to: directory + "/joined")
                }
                Issue.record("they became one")
            } catch ApusError.unlikeIndexes(let first, let second, let found, _, _) {
                #expect(first == parts[0] && second == parts[2])
                #expect(found == name || name == "analyzer" && found == "analyzer.version")
            }
        }
    }

    /// What was agreed on is what the builds use; the mean norm as well.
    @Test func partsThatAgreeOnAScaleAreAFreshBuild() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var random = SplitMix64(seed: 8)
        let lines = (0..<60).map { number in
            let weights = (0..<5).map { "\"t\($0 + number % 4)\": \(Double.random(in: 0.1..<3, using: &random))" }
            return #"{"id": "d\#(number)", "contents": "", "vector": {\#(weights.joined(separator: ", "))}}"#
        }
        try await PartedCollection.build(lines, at: directory + "/whole", in: directory) { $0.normPower = 0.5 }
        let whole = try SearchIndex(directory + "/whole")
        let report = try IndexReport(of: whole, topics: nil, options: SearchOptions())
        let scale = try #require(report.learnedScale)
        let mean = try #require(report.meanNorm)
        var parts: [String] = []
        for part in 0..<3 {
            parts.append(directory + "/\(part)")
            try await PartedCollection.build(
                Array(lines[part * 20..<part * 20 + 20]), at: parts[part], scale: scale, in: directory
            ) {
                $0.normPower = 0.5
                $0.meanNorm = mean
            }
        }
        let joined = try SearchIndex(shards: parts)
        for term in 0..<8 {
            let query = Query(
                field: .learned, terms: [QueryTerm(term: "t\(term)", weight: 1), QueryTerm(term: "t1", weight: 0.3)])
            let found = try joined.snapshot.search(query, k: 100).hits.map { "\($0.id) \($0.score)" }
            #expect(try found == whole.snapshot.search(query, k: 100).hits.map { "\($0.id) \($0.score)" })
        }
        await #expect(throws: ApusError.self) {
            try await PartedCollection.build(lines, at: directory + "/whole", scale: 7, in: directory) {
                $0.existing = .resume
            }
        }
    }
}
