import Apus
import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex
import LearnedEncoder
import Testing

/// Whatever documents were added, updated, deleted and joined in whichever commits: everything that a person is told above the
/// index (hits of every mode, explanations, filters, texts, stats) is what an index tells that was built of the living documents
/// alone. `APUS_HISTORIES` asks for more histories, `APUS_HISTORY` for one by its seed.
@Suite struct ChangeHistoryTests {
    static let groups = 4

    @Test(arguments: 0..<groups)
    func everyHistoryTellsWhatAFreshBuildTells(group: Int) async throws {
        for seed in RandomHistories.seeds(24, group: group, of: Self.groups) {
            var history = try ChangeHistory(seed: seed)
            try await history.run()
        }
    }
}

/// One random life of an index with words, learned terms and metadata, beside the documents that it should hold.
private struct ChangeHistory {
    private struct Document {
        var words: String
        var vector: [String: Int]
        var year: Int
    }

    private let seed: UInt64
    private let directory: String
    private var random: SplitMix64
    private var living: [String: Document] = [:]
    /// The encoder makes the learned terms of every third history; their weights are no whole numbers.
    private var encodes: Bool { seed % 3 == 1 }
    private var isFiltered: Bool { seed % 2 == 0 }

    private static let words =
        "river stone paper water light engine query index forest mountain model tree vector sparse wind garden".split(
            separator: " "
        ).map(String.init)

    init(seed: UInt64) throws {
        self.seed = seed
        random = SplitMix64(seed: seed)
        directory = try TestPaths.temporaryDirectory()
    }

    mutating func run() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = directory + "/index"
        let first = documents(Int.random(in: 5...40, using: &random))
        try await build(first, at: index, .refuse)
        // The scale of learned weights is that of the first commit: the fresh build begins with the same documents.
        try await build(first, at: directory + "/first", .refuse)
        living = first
        for _ in 0..<Int.random(in: 2...9, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2:
                let added = documents(Int.random(in: 1...8, using: &random)).filter { living[$0.key] == nil }
                if added.isEmpty { continue }
                try await build(added, at: index, .append)
                living.merge(added) { $1 }
            case 3...5:
                let updated = documents(Int.random(in: 1...12, using: &random))
                try await build(updated, at: index, .update)
                living.merge(updated) { $1 }
            case 6, 7: try await delete(from: index)
            case 8:
                var joining = SegmentJoining(to: Int.random(in: 1...2, using: &random))
                joining.reorders = Bool.random(using: &random)
                _ = try await joining.run(index)
            default: try await check(index)
            }
        }
        try await check(index)
        let findings = try SearchIndex(index).deepCheck()
        #expect(findings.isEmpty, "seed \(seed)")
    }

    // MARK: changes

    private mutating func documents(_ count: Int) -> [String: Document] {
        var made: [String: Document] = [:]
        for _ in 0..<count {
            let text = (0..<Int.random(in: 0...9, using: &random)).map { _ in Self.word(&random) }
            var vector: [String: Int] = [:]
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                vector[Self.word(&random)] = [1, 2, 3, 40, 255].randomElement(using: &random)
            }
            made["d\(Int.random(in: 0..<60, using: &random))"] = Document(
                words: text.joined(separator: " "), vector: vector, year: Int.random(in: 1990..<2000, using: &random))
        }
        return made
    }

    private static func word(_ random: inout SplitMix64) -> String {
        let x = Double.random(in: 0..<1, using: &random)
        return words[Int(x * x * Double(words.count))]
    }

    private func build(_ documents: [String: Document], at index: String, _ existing: IndexBuilder.Existing)
        async throws
    {
        let lines = documents.sorted { $0.key < $1.key }.map { id, document in
            let vector = document.vector.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }
            let member = encodes ? "" : #", "vector": {\#(vector.joined(separator: ", "))}"#
            return #"{"_id": "\#(id)", "text": "\#(document.words)", "year": \#(document.year)\#(member)}"# + "\n"
        }
        let path = directory + "/in.jsonl"
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        var builder = IndexBuilder(directory: index)
        builder.existing = existing
        builder.importsVectors = !encodes
        builder.threads = 2
        if existing == .refuse {
            if encodes { builder.model = .folder(TestPaths.fixtures + "/LearnedEncoder/bert-max") }
            if isFiltered { builder.filterable = ["year"] }
        }
        _ = try await builder.build(from: [path])
    }

    private mutating func delete(from index: String) async throws {
        var ids = Set(
            (0..<Int.random(in: 1...15, using: &random)).map { _ in
                "d\(Int.random(in: 0..<60, using: &random))"
            })
        // Something stays, or nothing could be asked.
        if living.keys.allSatisfy({ ids.contains($0) }), let kept = living.keys.min() { ids.remove(kept) }
        let report = try await DocumentDeletion(of: ids.sorted()).run(index)
        #expect(report.deleted == ids.count { living[$0] != nil }, "seed \(seed)")
        for id in ids { living[id] = nil }
        #expect(report.documents == living.count, "seed \(seed)")
    }

    // MARK: what it has to tell

    private mutating func check(_ path: String) async throws {
        let fresh = directory + "/fresh"
        try? FileManager.default.removeItem(atPath: fresh)
        if encodes {
            // One commit for the scale, one for everything, and nothing of the first documents is left.
            try FileManager.default.copyItem(atPath: directory + "/first", toPath: fresh)
            let first = try SearchIndex(fresh)
            let gone = try TextExport(of: first).ids().filter { living[$0] == nil }
            try await build(living, at: fresh, .update)
            _ = try await DocumentDeletion(of: gone).run(fresh)
            _ = try await SegmentJoining(to: 1).run(fresh)
        } else {
            try await build(living, at: fresh, .refuse)
        }
        let (index, expected) = (try SearchIndex(path), try SearchIndex(fresh))
        #expect(index.snapshot.documentCount == living.count, "seed \(seed)")
        let ids = living.keys.sorted()
        let stored = try index.documents.documents(ids)
        for id in ids {
            let document = try #require(stored[ByteString(id)])
            #expect(document.text == living[id]?.words, "seed \(seed)")
            #expect(document.metadata?.contains("\(living[id]?.year ?? 0)") == true, "seed \(seed)")
        }
        try checkStats(index, expected)
        for _ in 0..<3 {
            let text = (0..<Int.random(in: 1...5, using: &random)).map { _ in Self.word(&random) }.joined(
                separator: " ")
            let weights = text.split(separator: " ").map(String.init)
            let vector = encodes ? nil : Set(weights).sorted().map { QueryTerm(term: $0, weight: 1.25) }
            for mode in [SearchMode.bm25, .splade, .hybrid, .fused] {
                var options = SearchOptions()
                options.mode = mode
                options.hits = [1, 5, 100].randomElement(using: &random) ?? 5
                if Bool.random(using: &random) { options.filter = try Filter(parsing: "year >= 1995") }
                if Bool.random(using: &random) { options.boosts = [try Boost(parsing: "year < 1993:2")] }
                let answers = try [index, expected].map { try $0.search(text, vector: vector, options).documents }
                #expect(answers[0] == answers[1], "seed \(seed), \(mode), '\(text)', \(options.hits) hits")
                let id = try #require(ids.randomElement(using: &random))
                guard vector == nil || mode == .bm25 else { continue }
                let told = try [index, expected].map { try $0.explain(text, document: id, options) }
                let spoken = told.map { "\($0.score) \($0.fields)" }
                #expect(spoken[0] == spoken[1], "seed \(seed), \(mode), '\(text)' and \(id)")
            }
        }
    }

    private func checkStats(_ index: SearchIndex, _ expected: SearchIndex) throws {
        let topics = [Topic(id: "1", text: "river stone water"), Topic(id: "2", text: "garden engine")]
        let reports = try [index, expected].map {
            try IndexReport(of: $0, topics: topics, options: SearchOptions())
        }
        #expect(reports[0].documents == reports[1].documents)
        for (found, wanted) in zip(reports[0].fields, reports[1].fields) {
            #expect(
                (found.name, found.terms, found.postings) == (wanted.name, wanted.terms, wanted.postings),
                "seed \(seed)")
            #expect(found.perDocument == wanted.perDocument && found.flops == wanted.flops, "seed \(seed)")
        }
    }
}

extension TextExport {
    /// The ids of all documents.
    fileprivate func ids() throws -> [String] {
        var ids: [String] = []
        try write { line in ids.append(String(line.dropFirst(8).prefix { $0 != "\"" })) }
        return ids
    }
}
