import Apus
import ApusTestSupport
import CorpusFormats
import Foundation
import Testing

/// One program that searches an index on several threads, with filters and texts, and changes it meanwhile: what a server does.
@Suite struct ConcurrentUseTests {
    /// Documents with numbers below this are replaced in every round, and never absent.
    private static let lasting = 24

    private static func document(_ number: Int, _ version: Int) -> CorpusDocument {
        var document = CorpusDocument(id: "d\(number)", title: "title \(number)", text: "all version\(version)")
        document.metadata = #"{"even":\#(number % 2 == 0),"version":\#(version)}"#
        return document
    }

    /// The hits of a query with their texts, best first.
    private static func answer(_ index: SearchIndex, filter: Filter? = nil, threads: Int = 1) throws -> [RankedDocument]
    {
        var options = SearchOptions()
        options.mode = .bm25
        options.hits = 1000
        options.filter = filter
        options.threads = threads
        return try index.withTexts(index.search("all", options)).documents
    }

    /// Every document is there once, with the text and the metadata of one commit.
    private static func look(_ index: SearchIndex, _ even: Filter) throws -> String? {
        let documents = try answer(index)
        let evens = try answer(index, filter: even, threads: 2)
        let numbers = documents.compactMap { Int($0.id.dropFirst()) }
        guard Set(numbers).count == numbers.count, numbers.filter({ $0 < lasting }).count == lasting else {
            return "lasting documents: \(numbers.sorted())"
        }
        guard Set(evens.map(\.id)) == Set(numbers.filter { $0 % 2 == 0 }.map { "d\($0)" }) else {
            return "filtered: \(evens.count)"
        }
        let versions = Set(documents.filter { (Int($0.id.dropFirst()) ?? 0) < lasting }.map { $0.text ?? "none" })
        return versions.count == 1 ? nil : "texts of several commits: \(versions)"
    }

    @Test func readersOfOneProgramSeeWholeCommitsWhileItChangesTheIndex() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let index = directory + "/index"
        let lines = (0..<Self.lasting).map {
            #"{"_id":"d\#($0)","title":"t","text":"all version0","even":\#($0 % 2 == 0)}"#
        }
        try lines.joined(separator: "\n").write(toFile: directory + "/in.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: index)
        builder.model = ModelChoice.none
        builder.filterable = try MetadataPath.list(parsing: "even")
        _ = try await builder.build(from: [directory + "/in.jsonl"])
        let first = try SearchIndex(index)
        let even = try Filter(parsing: "even = true")
        let held = try Self.answer(first)
        let updater = try IndexUpdater(index)
        let shared = SharedFindings()
        await withTaskGroup(of: Void.self) { group in
            for reader in 0..<3 {
                group.addTask {
                    var index = first
                    while !shared.isDone {
                        do {
                            // One stays with the first commit, and shares its caches with the others.
                            if reader > 0 { index = try index.refresh() }
                            if let problem = try Self.look(index, even) { shared.add(problem) }
                            if reader == 0, try Self.answer(first) != held {
                                shared.add("the first commit has changed")
                            }
                        } catch { shared.add("\(error)") }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                defer { shared.end() }
                do {
                    for round in 1...(24 * SharedFindings.rounds) {
                        try await updater.add((0..<4).map { Self.document(1000 + round * 4 + $0, round) })
                        try await updater.update((0..<Self.lasting).map { Self.document($0, round) })
                        if round > 3 { try await updater.delete((0..<4).map { "d\(1000 + (round - 3) * 4 + $0)" }) }
                        try await updater.commit()
                    }
                } catch { shared.add("\(error)") }
            }
        }
        #expect(shared.found.prefix(3) == [])
        #expect(try SearchIndex(index).deepCheck().isEmpty)
    }
}
