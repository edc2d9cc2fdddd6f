import ApusTestSupport
import FileStorage
import Foundation
import InvertedIndex
import Testing

/// Whatever happens to the files, an index opens at a whole commit, or says what is wrong.
@Suite struct CommitTests {
    private func document(_ id: String, _ word: String = "fish") -> IndexDocument {
        IndexDocument(id: id, wordBytes: Array(word.utf8), wordEnds: [Int32(word.utf8.count)], terms: [0], weights: [1])
    }

    /// An index with two commits: "a" in the first, "a" and "b" in the second.
    private func twoCommits() async throws -> String {
        let directory = try TestPaths.temporaryDirectory()
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        try await writer.add([document("a")])
        try await writer.commit()
        try await writer.add([document("b")])
        try await writer.commit()
        return directory
    }

    private func ids(_ directory: String) throws -> [String] {
        let query = Query(field: .text, terms: [QueryTerm(term: "fish", weight: 1)])
        return try IndexSnapshot.open(directory).search(query, k: 10).hits.map(\.id)
    }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    @Test func aSnapshotDoesNotSeeLaterCommits() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        try await writer.add([document("a")])
        let first = try await writer.commit()
        try await writer.add([document("b")])
        #expect(try ids(directory) == ["a"])
        try await writer.merge(to: 1)
        let second = try await writer.commit()
        for id in 0..<5 {
            try await writer.add([document("more\(id)")])
            try await writer.merge(to: 1)
            try await writer.commit()
        }
        #expect(first.documentCount == 1)
        let query = Query(field: .learned, terms: [QueryTerm(term: "t", weight: 1)])
        #expect(try first.search(query, k: 9).hits.map(\.id) == ["a"])
        #expect(try second.search(query, k: 9).hits.map(\.id) == ["b", "a"])
    }

    /// Each prefix of the newest commit file, as a torn write would leave it: the commit before answers.
    @Test func aTornCommitFallsBackToTheOneBefore() async throws {
        let directory = try await twoCommits()
        let path = directory + "/commit-3.json"
        let whole = try bytes(path)
        for length in 0..<(whole.count - 1) {
            try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
            let found = try ids(directory)
            #expect(found == ["a"], "cut at \(length)")
        }
        for flipped in stride(from: 0, to: whole.count - 1, by: 7) {
            var damaged = whole
            damaged[flipped] ^= 1
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            // A damaged version number may claim another format, which is an error of its own; nothing else gets through.
            let found = (try? ids(directory)) ?? ["a"]
            #expect(found == ["a"], "bit \(flipped)")
        }
    }

    /// Each prefix of the newest segment: the commit before answers, and never a crash.
    @Test func aTornSegmentFallsBackToTheCommitBefore() async throws {
        let directory = try await twoCommits()
        let path = directory + "/seg-2.safetensors"
        let whole = try bytes(path)
        for length in stride(from: 0, to: whole.count, by: 3) {
            try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
            let found = try ids(directory)
            #expect(found == ["a"], "cut at \(length)")
        }
    }

    /// A flipped byte anywhere in a segment is found by its checksum, and opening or searching never crashes.
    @Test func damagedSegmentsAreFoundByTheirChecksum() async throws {
        let index = try await RandomIndex(seed: 8, documents: 60, terms: 10, segments: 1)
        let name = try #require(try Directory.names(in: index.directory).last { $0.hasPrefix("seg-") })
        let path = index.directory + "/" + name
        let whole = try bytes(path)
        var random = SplitMix64(seed: 1)
        for _ in 0..<150 {
            var damaged = whole
            damaged[Int.random(in: 0..<whole.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            guard let snapshot = try? IndexSnapshot.open(index.directory), snapshot.documentCount > 0 else { continue }
            #expect(throws: IndexError.self) { try snapshot.verifyChecksums() }
            for field in Field.allCases {
                for traversal in Traversal.allCases {
                    _ = try? snapshot.search(index.query(field, &random), k: 5, traversal: traversal)
                }
            }
        }
    }

    @Test func anotherFormatIsNamedAndNotSkipped() async throws {
        let directory = try await twoCommits()
        let path = directory + "/commit-3.json"
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "\"format\":3", with: "\"format\":99")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: IndexError.otherFormat(path: path, found: 99, supported: 3)) {
            try IndexSnapshot.open(directory)
        }
    }

    /// Whether a slow build commits more often must not change a score.
    @Test func commitsDoNotChangeTheImpacts() async throws {
        var vectors: [[Float?]] = []
        for commits in [[530], [600], [700, 800]] {
            let writer = try IndexWriter.create(
                at: TestPaths.temporaryDirectory(), options: IndexOptions(), vocabulary: ["t"])
            for number in 1...900 {
                try await writer.add([
                    IndexDocument(
                        id: "\(number)", wordBytes: [], wordEnds: [], terms: [0], weights: [Float(number) / 100 + 0.001]
                    )
                ])
                if commits.contains(number) { try await writer.commit() }
            }
            let snapshot = try await writer.commit()
            vectors.append([1, 300, 511, 520, 650, 900].map { snapshot.vector(of: "\($0)")?.first?.weight })
        }
        #expect(vectors[0] == vectors[1] && vectors[1] == vectors[2])
    }

    @Test func aDirectoryWithoutACommitIsNoIndex() throws {
        let directory = try TestPaths.temporaryDirectory()
        #expect(throws: IndexError.notAnIndex(path: directory)) { try IndexSnapshot.open(directory) }
        #expect(throws: IndexError.notAnIndex(path: directory + "/x")) { try IndexSnapshot.open(directory + "/x") }
        #expect(try Directory.names(in: directory).isEmpty)
    }

    @Test func oneWriterAtATime() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let first = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: [])
        #expect(throws: IndexError.locked(path: directory)) { _ = try IndexWriter.open(at: directory, vocabulary: []) }
        _ = await first.documentCount
    }

    @Test func duplicateAndInvalidIdsAreRefused() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        try await writer.add([document("a")])
        try await writer.commit()
        await #expect(throws: IndexError.duplicateDocument(id: "a")) { try await writer.add([document("a")]) }
        await #expect(throws: IndexError.invalidID(id: "a b")) { try await writer.add([document("a b")]) }
        await #expect(throws: IndexError.invalidID(id: "")) { try await writer.add([document("")]) }
        var bad = document("c")
        bad.weights = [.nan]
        await #expect(throws: IndexError.self) { try await writer.add([bad]) }
    }

    @Test func whatNoCommitNamesIsRemoved() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        for id in 0..<6 {
            try await writer.add([document("d\(id)")])
            try await writer.merge(to: 1)
            try await writer.commit()
        }
        let names = try Directory.names(in: directory)
        #expect(names.count { $0.hasPrefix("commit-") } == 2)
        #expect(names.count { $0.hasPrefix("seg-") } == 2)
        #expect(!names.contains { $0.hasSuffix(".tmp") })
    }

    @Test func weightsOutsideTheScaleAreCounted() async throws {
        var options = IndexOptions()
        options.learnedScale = 100
        let writer = try IndexWriter.create(
            at: TestPaths.temporaryDirectory(), options: options, vocabulary: ["big", "small", "fine"])
        try await writer.add([
            IndexDocument(id: "a", wordBytes: [], wordEnds: [], terms: [0, 1, 2], weights: [9, 0.004, 1])
        ])
        let snapshot = try await writer.commit()
        let learned = try #require(snapshot.statistics().fields.first { $0.field == .learned })
        #expect(learned.clipped == 1)
        #expect(learned.dropped == 1)
        #expect(learned.postings == 2)
        let vector = try #require(snapshot.vector(of: "a"))
        #expect(vector.map(\.term) == ["big", "fine"])
        #expect(abs(vector[1].weight - 1) < 1e-6)
    }
}
