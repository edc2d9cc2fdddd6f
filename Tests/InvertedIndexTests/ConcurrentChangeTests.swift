import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// A writer that adds, updates, deletes and commits, a merge on another thread, and readers that search and refresh, all at once.
@Suite struct ConcurrentChangeTests {
    private static func document(_ number: Int, _ version: Int) -> IndexDocument {
        var bytes = Array("all".utf8)
        var ends = [Int32(bytes.count)]
        bytes += Array("v\(version)".utf8)
        ends.append(Int32(bytes.count))
        return IndexDocument(
            id: "d\(number)", wordBytes: bytes, wordEnds: ends, terms: [0], weights: [Float(number % 9 + 1)])
    }

    private static func hits(_ snapshot: IndexSnapshot, _ field: Field, _ term: String) throws -> [String] {
        try snapshot.search(
            Query(field: field, terms: [QueryTerm(term: term, weight: 1)]), k: 1000, traversal: .maxScore
        )
        .hits.map { "\($0.id) \($0.score)" }
    }

    @Test func snapshotsAnswerAlikeForEverWhileTheWriterMergesAndCollects() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        try await writer.add((0..<20).map { Self.document($0, 0) })
        let first = try await writer.commit()
        let held = try [Self.hits(first, .text, "all"), Self.hits(first, .learned, "t")]
        let shared = SharedFindings()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    var snapshot = first
                    while !shared.isDone {
                        do {
                            snapshot = try snapshot.refreshed()
                            let ids = try Self.hits(snapshot, .text, "all").map { $0.prefix { $0 != " " } }
                            // Updated ones are there once; the others come and go.
                            let updated = ids.filter { Int($0.dropFirst()).map { $0 < 20 } ?? false }
                            if Set(updated).count != 20 || updated.count != 20 || ids.count != snapshot.documentCount {
                                shared.add("commit \(snapshot.generation): \(ids)")
                            }
                            let again = try [Self.hits(first, .text, "all"), Self.hits(first, .learned, "t")]
                            if again != held { shared.add("the first snapshot has changed") }
                        } catch { shared.add("\(error)") }
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                defer { shared.end() }
                do {
                    for round in 1...(60 * SharedFindings.rounds) {
                        try await writer.add((0..<5).map { Self.document(1000 + round * 10 + $0, round) })
                        try await writer.update((0..<20).map { Self.document($0, round) })
                        try await writer.commit()
                        if let task = await writer.beginMerge(reorder: round % 2 == 0) {
                            async let merged = Task.detached { try task.run() }.value
                            try await writer.delete((0..<5).map { "d\(1000 + round * 10 + $0)" })
                            try await writer.commit()
                            try await writer.adopt(try await merged)
                        }
                        try await writer.commit()
                    }
                } catch { shared.add("\(error)") }
            }
        }
        #expect(shared.found.prefix(3) == [])
    }

    /// A commit drops a segment of which nothing lives, also while it is being joined; the joined one must not bring it back.
    @Test func aSegmentThatIsEmptiedWhileItIsJoinedStaysEmpty() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        var (number, task) = (0, MergeTask?.none)
        while task == nil {
            try await writer.add([Self.document(number, 0)])
            try await writer.commit()
            number += 1
            task = await writer.beginMerge(reorder: false)
        }
        let begun = try #require(task)
        // All but the last are gone, and the first is there anew.
        try await writer.update([Self.document(0, 1)])
        try await writer.delete((1..<number - 1).map { "d\($0)" })
        try await writer.commit()
        try await writer.adopt(try begun.run())
        let snapshot = try await writer.commit()
        let ids = try Self.hits(snapshot, .text, "all").map { String($0.prefix { $0 != " " }) }
        #expect(ids.sorted() == ["d0", "d\(number - 1)"].sorted())
        #expect(snapshot.documentCount == 2)
    }
}
