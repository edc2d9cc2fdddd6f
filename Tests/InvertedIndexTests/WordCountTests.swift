import ApusTestSupport
import Foundation
import Testing

@testable import InvertedIndex

/// Segments know exactly how many words each document has, where `text.lengths` are rounded as Lucene rounds them.
@Suite struct WordCountTests {
    /// The right numbers are those that the documents were made with; 41 is the first length that Lucene's byte rounds.
    private static let counts = [0, 1, 39, 40, 41, 43, 1_000, 70_001, 5, 77]

    private func index(segments: Int, _ body: (String) async throws -> Void) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: [])
        for (number, count) in Self.counts.enumerated() {
            let bytes = (0..<count).flatMap { Array("w\($0 % 13)".utf8) }
            var (ends, end) = ([Int32](), Int32(0))
            for word in 0..<count {
                end += word % 13 < 10 ? 2 : 3
                ends.append(end)
            }
            let document = IndexDocument(id: "d\(number)", wordBytes: bytes, wordEnds: ends, terms: [], weights: [])
            try await writer.add([document])
            if number % max(1, Self.counts.count / segments) == 1 { try await writer.commit() }
        }
        try await writer.commit()
        try await body(directory)
        try await writer.merge(to: 1)
        try await writer.commit()
        try await body(directory)
    }

    private func counts(_ segments: [Segment]) -> [String: UInt32] {
        var found: [String: UInt32] = [:]
        for segment in segments {
            for docid in 0..<segment.documents { found[segment.id(docid)] = unsafe segment.wordCounts[docid] }
        }
        return found
    }

    @Test(arguments: [1, 3]) func aFlushAndAMergeWriteThem(segments: Int) async throws {
        try await index(segments: segments) { directory in
            let snapshot = try IndexSnapshot.open(directory)
            let found = counts(snapshot.segments)
            for (number, count) in Self.counts.enumerated() { #expect(found["d\(number)"] == UInt32(count)) }
            for segment in snapshot.segments {
                unsafe #expect(try segment.exactWordCounts() == Array(segment.wordCounts))
            }
        }
    }

    /// The fixture was written before segments had them. By hand, without "the", "is", "with" and "and": Glaciers Ice moves slowly
    /// downhill; Bread rises dough slow bread; Composed Slow café bread ice; nothing.
    @Test func aMergeCountsThemWhereTheyAreMissing() throws {
        let old = try IndexSnapshot.open(TestPaths.fixtures + "/index-4/words").segments
        #expect(old.allSatisfy { $0.wordCounts.isEmpty })
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let entry = try SegmentMerge(
            old.map { SegmentView(segment: $0, documents: nil) }, profile: .standard, reorder: false
        ).write(
            to: directory, name: IndexFile.segment(named: 1), permissions: nil)
        let found = counts([try Segment(directory: directory, entry: entry)])
        #expect(found == ["a": 5, "b": 5, "caf\u{E9}": 5, "empty": 0])
    }
}
