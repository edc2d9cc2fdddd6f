import ApusTestSupport
import Foundation
import Testing

@testable import InvertedIndex

/// Segments taken over from other indexes: every answer is that of the parts searched together, and, where their scale is the same,
/// of an index built of all documents at once.
@Suite struct JoiningTests {
    struct Case: CustomTestStringConvertible {
        let scales: [Float]
        let documents: Int
        var storesVectors = false
        var testDescription: String { "scales \(scales), \(documents) documents each" }
    }

    static let cases: [Case] = [
        Case(scales: [1, 1], documents: 200), Case(scales: [1, 1, 1, 1, 1], documents: 40, storesVectors: true),
        Case(scales: [83.21, 3.7, 3.7], documents: 120), Case(scales: [2, 0.5], documents: 300),
    ]

    private func parts(_ test: Case, seed: UInt64) async throws -> [RandomIndex] {
        var parts: [RandomIndex] = []
        for (number, scale) in test.scales.enumerated() {
            parts.append(
                try await RandomIndex(
                    seed: seed &+ UInt64(number), documents: test.documents, terms: 20, segments: number % 3 + 1,
                    storesVectors: test.storesVectors, impacts: [1, 2, 4, 8, 64, 128], scale: scale,
                    firstID: number * test.documents))
        }
        return parts
    }

    /// A join of parts, in a directory of its own.
    private func join(
        _ parts: [IndexSnapshot], at directory: String, without: [[String]]? = nil, copies: Bool = false
    ) async throws -> IndexWriter {
        let writer = try IndexWriter.joining(
            WriteLock(directory), like: parts[0], learnedScale: parts[0].learnedScale, metadata: [:], texts: nil)
        for (place, part) in parts.enumerated() {
            try await writer.takeOver(part, without: without?[place] ?? [], copies: copies)
        }
        return writer
    }

    private func expectSame(
        _ found: IndexSnapshot, _ expected: IndexSnapshot, _ index: RandomIndex, seed: UInt64
    ) throws {
        var random = SplitMix64(seed: seed)
        for _ in 0..<6 {
            let (text, learned) = (index.query(.text, &random), index.query(.learned, &random))
            for k in [1, 10, 1000] {
                for traversal in Traversal.allCases {
                    for query in [text, learned] {
                        let a = try found.search(query, k: k, traversal: traversal).hits.map(Scored.init)
                        let b = try expected.search(query, k: k, traversal: .exhaustive).hits.map(Scored.init)
                        #expect(a == b, "\(query.field) \(traversal) k \(k)")
                    }
                    let fused = FusedQuery(text: text, learned: learned)
                    let a = try found.search(fused, k: k, traversal: traversal).hits.map(Scored.init)
                    let b = try expected.search(fused, k: k, traversal: .exhaustive).hits.map(Scored.init)
                    #expect(a == b, "fused \(traversal) k \(k)")
                }
            }
        }
    }

    private struct Scored: Equatable {
        let id: String
        let score: Double
        init(_ hit: Hit) { (id, score) = (hit.id, hit.score) }
    }

    @Test(arguments: cases) func aJoinAnswersAsItsParts(test: Case) async throws {
        let parts = try await parts(test, seed: 900)
        let directory = try TestPaths.temporaryDirectory() + "/joined"
        let joined = try await join(parts.map(\.snapshot), at: directory).commit()
        #expect(joined.documentCount == test.documents * parts.count)
        let together = IndexSnapshot(joining: parts.map(\.snapshot))
        try expectSame(joined, together, parts[0], seed: 4)
        let opened = try IndexSnapshot.open(directory)
        try opened.verifyChecksums()
        #expect(try opened.deepCheck().isEmpty)
        #expect(opened.views.map(\.scale) == together.views.map(\.scale))
    }

    /// The oracle is an index that never knew of parts.
    @Test func withOneScaleItIsAFreshBuild() async throws {
        for seed in [UInt64(1), 2, 3] {
            let count = Int(seed) + 1
            let whole = try await RandomIndex(seed: 50 + seed, documents: 90, terms: 15, segments: 1)
            var parts: [IndexSnapshot] = []
            for part in 0..<count {
                // The same random documents, each in one part.
                let index = try await RandomIndex(seed: 50 + seed, documents: 90, terms: 15, segments: part % 2 + 1) {
                    (Int($0.dropFirst()) ?? 0) % count == part
                }
                parts.append(index.snapshot)
            }
            let directory = try TestPaths.temporaryDirectory() + "/joined"
            let writer = try await join(parts, at: directory, copies: seed == 2)
            try expectSame(try await writer.commit(), whole.snapshot, whole, seed: seed)
            try await writer.merge(to: 1)
            let merged = try await writer.commit()
            #expect(merged.segmentCount == 1)
            try expectSame(merged, whole.snapshot, whole, seed: seed)
            #expect(try merged.deepCheck().isEmpty)
        }
    }

    @Test func deletedDocumentsStayDeleted() async throws {
        let test = Case(scales: [1, 1], documents: 100)
        var parts = try await parts(test, seed: 33)
        let gone = (0..<40).map { "d\($0 * 3)" }
        parts[0] = try await parts[0].deleting(gone)
        parts[1] = try await parts[1].deleting(gone)
        let directory = try TestPaths.temporaryDirectory() + "/joined"
        let writer = try await join(parts.map(\.snapshot), at: directory)
        let joined = try await writer.commit()
        #expect(joined.documentCount == 160)
        #expect(gone.allSatisfy { !joined.contains($0) })
        try expectSame(joined, IndexSnapshot(joining: parts.map(\.snapshot)), parts[0], seed: 7)
        try await writer.delete(["d1", "d101"])
        let fewer = try await writer.commit()
        #expect(fewer.documentCount == 158 && !fewer.contains("d101"))
        #expect(try IndexSnapshot.open(directory).deepCheck().isEmpty)
    }

    /// Impacts of other scales must never be read as if they were of one.
    @Test func segmentsOfDifferentScalesAreNotMerged() async throws {
        let test = Case(scales: [83.21, 3.7, 3.7, 83.21], documents: 60)
        let parts = try await parts(test, seed: 71)
        let directory = try TestPaths.temporaryDirectory() + "/joined"
        let writer = try await join(parts.map(\.snapshot), at: directory)
        try await writer.commit()
        try await writer.merge(to: 1)
        let merged = try await writer.commit()
        // Neighbours of one scale became one each.
        #expect(merged.views.map(\.scale) == [83.21, 3.7, 83.21])
        try expectSame(merged, IndexSnapshot(joining: parts.map(\.snapshot)), parts[0], seed: 12)
        // New documents have the scale of the commit, and their segments are joined among themselves.
        await writer.appendVocabulary(parts[0].vocabulary)
        for number in 0..<40 {
            try await writer.add([
                IndexDocument(
                    id: "n\(number)", wordBytes: Array("w1".utf8), wordEnds: [2], terms: [0], weights: [0.5])
            ])
            try await writer.commit()
            try await writer.mergeAsNeeded(reorder: false)
        }
        let grown = try await writer.commit()
        #expect(grown.segmentCount < 20 && grown.documentCount == 280)
        #expect(try IndexSnapshot.open(directory).deepCheck().isEmpty)
    }

    @Test func repeatedIDsAreFoundWithTheirOwners() async throws {
        let first = try await RandomIndex(seed: 1, documents: 50, terms: 5, segments: 3)
        let second = try await RandomIndex(seed: 2, documents: 50, terms: 5, segments: 1, firstID: 50)
        let third = try await RandomIndex(seed: 3, documents: 10, terms: 5, segments: 2, firstID: 45)
        #expect(RepeatedIDs([first.snapshot, second.snapshot]).first == nil)
        let found = RepeatedIDs([first.snapshot, second.snapshot, third.snapshot])
        #expect(Set(found.replaced[0]) == Set((45..<50).map { "d\($0)" }))
        #expect(Set(found.replaced[1]) == Set((50..<55).map { "d\($0)" }))
        #expect(found.replaced[2].isEmpty)
        #expect(found.first?.second == 2)
        // What is deleted is not there twice.
        let fewer = try await first.deleting((45..<50).map { "d\($0)" })
        #expect(RepeatedIDs([fewer.snapshot, third.snapshot]).first == nil)
    }

    /// A writer that goes before its commit takes everything back.
    @Test func nothingIsLeftOfAJoinWithoutACommit() async throws {
        let parts = try await parts(Self.cases[0], seed: 5)
        let directory = try TestPaths.temporaryDirectory() + "/joined"
        do { _ = try await join(parts.map(\.snapshot), at: directory) }
        #expect(!FileManager.default.fileExists(atPath: directory))
        // What a killed one leaves is no index, and in nobody's way.
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
        let file = parts[0].snapshot.segments[0].path
        try FileManager.default.copyItem(atPath: file, toPath: directory + "/seg-2.safetensors")
        #expect(throws: IndexError.notAnIndex(path: directory)) { try IndexSnapshot.open(directory) }
        let joined = try await join(parts.map(\.snapshot), at: directory).commit()
        #expect(joined.documentCount == 400)
    }
}
