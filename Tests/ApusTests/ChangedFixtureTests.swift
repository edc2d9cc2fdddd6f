import Apus
import ApusTestSupport
import CorpusFormats
import Foundation
import InvertedIndex
import Testing

/// Indexes of format 4 and 5 with live documents, word counts and filterable fields, the latter with packed segments, open for ever
/// and can be changed. `Scripts/oracles/changed-index` made them and computed their hits by Lucene's formula.
@Suite struct ChangedFixtureTests {
    private struct Known: Decodable {
        struct Query: Decodable {
            enum Part: Decodable {
                case id(String), score(Double)
                init(from decoder: any Decoder) throws {
                    let value = try decoder.singleValueContainer()
                    self = try (try? value.decode(String.self)).map { .id($0) } ?? .score(value.decode(Double.self))
                }
            }
            var query: String
            var hits: [[Part]]
            var since1995: [String]

            var scores: [String: Double] {
                var scores: [String: Double] = [:]
                for hit in hits { if case .id(let id) = hit[0], case .score(let score) = hit[1] { scores[id] = score } }
                return scores
            }
        }
        var gone: [String]
        var queries: [Query]
        var texts: [String: String]
    }

    private let directory = TestPaths.fixtures + "/index-4/changed"
    private static let packed = TestPaths.fixtures + "/index-5/changed"
    private let known: Known

    init() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: TestPaths.fixtures + "/index-4/changed-hits.json"))
        known = try JSONDecoder().decode(Known.self, from: bytes)
    }

    private func expectKnown(_ index: SearchIndex) throws {
        var options = SearchOptions()
        options.hits = 100
        for query in known.queries {
            let found = try index.search(query.query, options).documents
            let scores = query.scores
            #expect(Set(found.map(\.id)) == Set(scores.keys), "\(query.query)")
            for hit in found { #expect(abs(hit.score - (scores[hit.id] ?? 0)) < 1e-6, "\(query.query), \(hit.id)") }
            var filtered = options
            filtered.filter = try Filter(parsing: "year >= 1995")
            let since = try index.search(query.query, filtered).documents.map(\.id)
            #expect(Set(since) == Set(query.since1995), "\(query.query)")
        }
        let stored = try index.documents.documents(known.texts.keys.sorted())
        #expect(stored.count == known.texts.count)
        for (id, document) in stored { #expect(document.text == known.texts[id.string]) }
        for id in known.gone { #expect(!index.snapshot.contains(id)) }
        let findings = try index.deepCheck()
        #expect(findings.isEmpty)
    }

    @Test func anIndexWithDeletedDocumentsOpensForEver() throws {
        let index = try SearchIndex(directory)
        #expect(index.snapshot.generation == 3 && index.snapshot.segmentCount == 2)
        #expect(index.settings.filterable.map(\.description) == ["year", "tags"])
        #expect(try index.ids(matching: try Filter(parsing: #"tags : "draft""#)).contains("d28"))
        // It has what it is here for.
        let names = try FileManager.default.contentsOfDirectory(atPath: directory)
        #expect(names.contains("seg-1.live-3") && names.contains("seg-2.live-3"))
        let segment = try Data(contentsOf: URL(fileURLWithPath: directory + "/seg-2.safetensors"))
        #expect(segment.range(of: Data("\"text.words\"".utf8)) != nil)
        try expectKnown(index)
        // And its commit before.
        #expect(try SearchIndex(directory, commit: 2).snapshot.documentCount == known.texts.count + known.gone.count)
    }

    @Test func anIndexWithPackedSegmentsOpensForEver() throws {
        let index = try SearchIndex(Self.packed)
        #expect(index.settings.filterable.map(\.description) == ["year", "tags"])
        #expect(try index.ids(matching: try Filter(parsing: #"tags : "draft""#)).contains("d28"))
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.packed)
        #expect(names.contains { $0.hasSuffix(".packed") } && names.contains { $0.contains(".live-") })
        try index.verify()
        try expectKnown(index)
    }

    @Test(arguments: [4, 5]) func itCanBeChangedAndJoined(format: Int) async throws {
        let directory = format == 5 ? Self.packed : directory
        let copy = try TestPaths.temporaryDirectory() + "/changed"
        defer { try? FileManager.default.removeItem(atPath: Self.parent(copy)) }
        try FileManager.default.copyItem(atPath: directory, toPath: copy)
        let updater = try IndexUpdater(copy)
        try await updater.add([CorpusDocument(id: "new", text: "river", metadata: #"{"year":2000}"#)])
        try await updater.commit()
        try await updater.delete(["new"])
        try await updater.commit()
        try expectKnown(try SearchIndex(copy))
        let other = try TestPaths.temporaryDirectory() + "/joined"
        defer { try? FileManager.default.removeItem(atPath: Self.parent(other)) }
        try FileManager.default.copyItem(atPath: directory, toPath: other)
        let report = try await SegmentJoining(to: 1).run(other)
        #expect(report.segments == 1)
        try expectKnown(try SearchIndex(other))
    }

    private static func parent(_ path: String) -> String {
        URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}
