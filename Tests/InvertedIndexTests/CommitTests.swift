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

    /// Each prefix and each flipped byte of the newest commit is an error; the commit before answers only when it is asked for.
    @Test func aDamagedCommitIsAnErrorAndNotPassedOver() async throws {
        let directory = try await twoCommits()
        let path = directory + "/commit-2.json"
        let whole = try bytes(path)
        func expectAnError(_ bytes: [UInt8], _ what: String) throws {
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            let found = Result { try ids(directory) }
            #expect(throws: IndexError.self, "\(what)") { try found.get() }
            #expect(throws: IndexError.self) { _ = try IndexWriter.open(at: directory, vocabulary: ["t"]) }
        }
        for length in 0..<whole.count { try expectAnError(Array(whole[..<length]), "cut at \(length)") }
        for place in whole.indices {
            var damaged = whole
            damaged[place] ^= 1 << UInt8(place % 8)
            try expectAnError(damaged, "byte \(place)")
        }
        let query = Query(field: .text, terms: [QueryTerm(term: "fish", weight: 1)])
        #expect(try IndexSnapshot.open(directory, generation: 1).search(query, k: 10).hits.map(\.id) == ["a"])
    }

    /// Nothing of the newest segment may be missing, and a writer does not build on an older commit instead.
    @Test func aTornOrMissingSegmentIsAnError() async throws {
        let directory = try await twoCommits()
        let path = directory + "/seg-2.safetensors"
        let whole = try bytes(path)
        for length in stride(from: 0, to: whole.count, by: 5) {
            try Data(whole[..<length]).write(to: URL(fileURLWithPath: path))
            let found = Result { try ids(directory) }
            #expect(throws: IndexError.self, "cut at \(length)") { try found.get() }
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: IndexError.corrupt(path: path, detail: "it is missing")) { try ids(directory) }
        #expect(throws: IndexError.self) { _ = try IndexWriter.open(at: directory, vocabulary: ["t"]) }
        #expect(try Directory.names(in: directory).contains("commit-2.json"))
    }

    /// A flipped byte anywhere in a segment is found by `check`, and no answer is another one than before.
    @Test func aFlippedByteIsFoundAndChangesNoAnswer() async throws {
        let index = try await RandomIndex(seed: 8, documents: 60, terms: 10, segments: 1)
        let name = try #require(try Directory.names(in: index.directory).last { $0.hasSuffix(".safetensors") })
        let path = index.directory + "/" + name
        let whole = try bytes(path)
        var random = SplitMix64(seed: 1)
        let queries = Field.allCases.map { index.query($0, &random) }
        let expected = try queries.map { try index.snapshot.search($0, k: 5).hits.map { "\($0.id) \($0.rawScore)" } }
        let expectedParts = try index.snapshot.explain(queries[0], documentID: "d1")
        for place in stride(from: 0, to: whole.count, by: TestPaths.isLong ? 1 : 37) {
            var damaged = whole
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            try Data(damaged).write(to: URL(fileURLWithPath: path))
            guard let snapshot = try? IndexSnapshot.open(index.directory) else { continue }
            #expect(throws: IndexError.self, "byte \(place)") { try snapshot.verifyChecksums() }
            for (query, expected) in zip(queries, expected) {
                for traversal in Traversal.allCases {
                    let found = try? snapshot.search(query, k: 5, traversal: traversal).hits.map {
                        "\($0.id) \($0.rawScore)"
                    }
                    #expect(found ?? expected == expected, "byte \(place), \(traversal)")
                }
            }
            let explained = try? snapshot.explain(queries[0], documentID: "d1")
            #expect(explained?.rawScore ?? expectedParts?.rawScore == expectedParts?.rawScore, "byte \(place)")
        }
    }

    /// A merge would write a right checksum over wrong postings.
    @Test func aMergeVerifiesWhatItReads() async throws {
        let directory = try await twoCommits()
        let path = directory + "/seg-1.safetensors"
        let whole = try bytes(path)
        let writer = try IndexWriter.open(at: directory, vocabulary: ["t"])
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle.seek(toOffset: UInt64(whole.count - 8))
        try handle.write(contentsOf: Data([whole[whole.count - 8] ^ 1]))
        try handle.close()
        await #expect(throws: IndexError.self) {
            try await writer.merge(to: 1)
            try await writer.commit()
        }
        #expect(try Directory.names(in: directory).contains("seg-2.safetensors"))
    }

    @Test func anotherFormatIsNamedAndNotSkipped() async throws {
        let directory = try await twoCommits()
        let path = directory + "/commit-2.json"
        let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(
            of: "\"format\":4", with: "\"format\":99")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: IndexError.otherFormat(path: path, found: 99, supported: 6)) {
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
            vectors.append(try [1, 300, 511, 520, 650, 900].map { try snapshot.vector(of: "\($0)")?.first?.weight })
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
        let locked = IndexError.locked(path: directory, process: Int(getpid()))
        #expect(throws: locked) { _ = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: []) }
        _ = await first.documentCount
    }

    /// What is in the folder when a first build fails stays; what the build made goes, the folder too where it made that.
    @Test func aWriterThatCommitsNothingLeavesNothing() async throws {
        let parent = try TestPaths.temporaryDirectory()
        let directory = parent + "/deep/index"
        do {
            let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
            try await writer.add([document("a")])
            try await writer.merge(to: 1)
            #expect(try Directory.names(in: directory).count == 2)
        }
        #expect(!Directory.exists(parent + "/deep"))
        try Directory.create(directory)
        do {
            let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
            try await writer.add([document("a")])
            try Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/notes.tmp"))
            try await writer.merge(to: 1)
        }
        #expect(try Directory.names(in: directory) == ["notes.tmp"])
    }

    /// A killed first build leaves files without a commit: the next one begins as in an empty folder, and removes them.
    @Test func leftoversOfAKilledFirstBuildAreNoObstacle() async throws {
        let directory = try TestPaths.temporaryDirectory()
        for name in ["write.lock", "seg-1.safetensors", "seg-2.sqlite.tmp", "commit-1.json.tmp", "seg-4.sqlite"] {
            try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/" + name))
        }
        #expect(throws: IndexError.notAnIndex(path: directory)) { try IndexSnapshot.open(directory) }
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: ["t"])
        try await writer.add([document("a")])
        try await writer.commit()
        let names = try Directory.names(in: directory)
        #expect(names == ["commit-1.json", "seg-5.safetensors", "write.lock"])
    }

    /// Names that only look like an index's are somebody else's: never read, never removed, and no number overflows.
    @Test func foreignNamesAreLeftAlone() async throws {
        let directory = try await twoCommits()
        let names = [
            "commit-9223372036854775807.json", "commit-007.json", "commit-+9.json",
            "seg-9223372036854775807.safetensors",
            "seg-1.safetensors.old", "seg-x.sqlite", "mine.tmp", "documents.txt", "commit-.json",
        ]
        for name in names { try Data("x".utf8).write(to: URL(fileURLWithPath: directory + "/" + name)) }
        #expect(try ids(directory) == ["b", "a"])
        let writer = try IndexWriter.open(at: directory, vocabulary: ["t"])
        try await writer.add([document("c")])
        try await writer.commit()
        let left = Set(try Directory.names(in: directory))
        #expect(left.isSuperset(of: names))
        #expect(try ids(directory) == ["c", "b", "a"])
    }

    /// As long as a snapshot lives, its files stay, whatever is committed meanwhile.
    @Test func filesOfACommitThatIsReadStay() async throws {
        let directory = try await twoCommits()
        var reader: IndexSnapshot? = try IndexSnapshot.open(directory)
        let writer = try IndexWriter.open(at: directory, vocabulary: ["t"])
        for id in 0..<5 {
            try await writer.add([document("more\(id)")])
            try await writer.merge(to: 1)
            try await writer.commit()
        }
        #expect(try Directory.names(in: directory).contains("seg-1.safetensors"))
        #expect(reader?.documentCount == 2)
        reader = nil
        try await writer.add([document("last")])
        try await writer.commit()
        #expect(try !Directory.names(in: directory).contains("seg-1.safetensors"))
    }

    /// Ids and words are bytes: two spellings of one letter are two documents and two terms.
    @Test func spellingsThatUnicodeCallsEqualStayTwo() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        for order in [[composed, decomposed], [decomposed, composed]] {
            let path = directory + "/\(order[0].utf8.count)"
            let writer = try IndexWriter.create(at: path, options: IndexOptions(), vocabulary: ["t"])
            for word in order { try await writer.add([document(word, word)]) }
            let snapshot = try await writer.commit()
            for word in order {
                let query = Query(field: .text, terms: [QueryTerm(term: word, weight: 1)])
                let found = try snapshot.search(query, k: 9).hits.map { Array($0.id.utf8) }
                #expect(found == [Array(word.utf8)])
            }
        }
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
        let fields = try snapshot.statistics().fields
        let learned = try #require(fields.first { $0.field == .learned })
        #expect(learned.clipped == 1)
        #expect(learned.dropped == 1)
        #expect(learned.postings == 2)
        let vector = try #require(try snapshot.vector(of: "a"))
        #expect(vector.map(\.term) == ["big", "fine"])
        #expect(abs(vector[1].weight - 1) < 1e-6)
    }
}
