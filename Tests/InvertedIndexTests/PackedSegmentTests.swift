import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import InvertedIndex

/// Commits of a few documents in packed segments: one file each, the same answers, and the same care.
@Suite struct PackedSegmentTests {
    /// The documents of a random index, each in a commit of its own; every fifth commit deletes one too.
    private func single(_ index: RandomIndex, packs: Bool) async throws -> (directory: String, IndexSnapshot) {
        let directory = try TestPaths.temporaryDirectory()
        var options = IndexOptions()
        options.learnedScale = 1
        do {
            let writer = try IndexWriter.create(at: directory, options: options, vocabulary: index.vocabulary)
            try await writer.commit()
        }
        let writer = try IndexWriter.open(at: directory, vocabulary: index.vocabulary, packs: packs)
        for (number, document) in index.naive.documents.enumerated() {
            try await writer.add([document.indexed])
            if number % 5 == 4 { try await writer.delete([index.naive.documents[number - 3].id]) }
            try await writer.commit()
            if number % 3 == 0 { try await writer.mergeAsNeeded(reorder: false) }
        }
        return (directory, try await writer.commit())
    }

    private func format(_ directory: String, _ snapshot: IndexSnapshot) throws -> Int {
        try Commit.read(directory + "/" + IndexFile.commit(named: snapshot.generation)).format
    }

    private func names(_ directory: String, _ end: String) throws -> [String] {
        try Directory.names(in: directory).filter { $0.hasPrefix("seg-") && $0.hasSuffix(end) }
    }

    @Test(arguments: 0..<6 as Range<UInt64>) func theyAnswerAsOthersDo(seed: UInt64) async throws {
        let index = try await RandomIndex(seed: seed, documents: 70, terms: 12, segments: 1)
        let (packed, snapshot) = try await single(index, packs: true)
        let (plain, other) = try await single(index, packs: false)
        defer {
            for path in [packed, plain, index.directory] { try? FileManager.default.removeItem(atPath: path) }
        }
        #expect(try names(packed, ".safetensors").isEmpty && !names(packed, ".packed").isEmpty)
        #expect(try names(plain, ".packed").isEmpty)
        #expect(try format(packed, snapshot) == 5)
        #expect(try format(plain, other) == 4)
        let opened = try IndexSnapshot.open(packed)
        let reopened = try IndexSnapshot.open(plain)
        try opened.verifyChecksums()
        #expect(try opened.deepCheck().isEmpty)
        var random = SplitMix64(seed: seed)
        for field in Field.allCases {
            for _ in 0..<20 {
                let query = index.query(field, &random)
                for traversal in Traversal.allCases {
                    let expected = try reopened.search(query, k: 7, traversal: traversal).hits
                    for found in [opened, snapshot] {
                        let hits = try found.search(query, k: 7, traversal: traversal).hits
                        #expect(hits.map { "\($0.id) \($0.rawScore)" } == expected.map { "\($0.id) \($0.rawScore)" })
                    }
                }
            }
        }
    }

    /// An index whose packed segments were joined by whoever does not pack is of format 4 again.
    @Test func joinedTheyAreOfFormatFour() async throws {
        let index = try await RandomIndex(seed: 9, documents: 30, terms: 8, segments: 1)
        let (directory, _) = try await single(index, packs: true)
        defer { for path in [directory, index.directory] { try? FileManager.default.removeItem(atPath: path) } }
        let writer = try IndexWriter.open(at: directory, vocabulary: index.vocabulary)
        try await writer.merge(to: 1)
        let joined = try await writer.commit()
        #expect(try format(directory, joined) == 4)
        // The commit before is kept and is still read.
        #expect(
            try IndexSnapshot.open(directory, generation: joined.generation - 1).documentCount == joined.documentCount)
        try await writer.commit()
        #expect(try names(directory, ".packed").isEmpty)
        #expect(try IndexSnapshot.open(directory).deepCheck().isEmpty)
    }

    @Test func aTornAbsentOrChangedOneIsAnErrorThatNamesIt() async throws {
        let index = try await RandomIndex(seed: 10, documents: 12, terms: 8, segments: 1)
        let (directory, _) = try await single(index, packs: true)
        defer { for path in [directory, index.directory] { try? FileManager.default.removeItem(atPath: path) } }
        let name = try #require(try IndexSnapshot.open(directory).segments.last?.entry.file)
        let path = directory + "/" + name
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        func expectAnError(_ bytes: [UInt8]?) throws {
            try FileManager.default.removeItem(atPath: path)
            if let bytes { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
            let error = #expect(throws: IndexError.self) { try IndexSnapshot.open(directory) }
            #expect(error?.description.contains(name) == true)
            #expect(throws: IndexError.self) {
                _ = try IndexWriter.open(at: directory, vocabulary: index.vocabulary, packs: true)
            }
        }
        let snapshot = try IndexSnapshot.open(directory)
        for place in stride(from: 0, to: whole.count, by: 7) {
            try expectAnError(Array(whole[..<place]))
            try expectAnError(whole[..<place] + [whole[place] ^ 16] + whole[(place + 1)...])
        }
        try expectAnError(whole + [0])
        // Whoever has it in memory answers on, and `check` reads the disk.
        #expect(throws: IndexError.self) { try snapshot.verifyChecksums() }
        try Data(whole).write(to: URL(fileURLWithPath: path))
        try snapshot.verifyChecksums()
        try FileManager.default.removeItem(atPath: path)
        #expect(throws: IndexError.corrupt(path: path, detail: "it is missing")) { try IndexSnapshot.open(directory) }
    }

    /// And every member of a commit both spellings.
    @Test(arguments: [4, 5]) func aCommitIsReadAsItWasWritten(format: Int) throws {
        let commit = Commit(
            format: format, generation: 3, metadata: ["a": "b"], learnedScale: 2, norms: VectorNorms(power: 0.5),
            hasText: true, hasLearned: true, profile: .compact, storesVectors: true,
            segments: [
                SegmentEntry(
                    file: format == 5 ? "seg-1.packed" : "seg-1.safetensors", documents: 1, bytes: 2, crc32c: 3,
                    words: 4,
                    documentsWithText: 5, clipped: 6, dropped: 7, isReordered: true)
            ])
        let json = try JSONEncoder().encode(commit)
        #expect(try JSONDecoder().decode(Commit.self, from: json) == commit)
        // Whoever adds a member to a commit names it in its coding too.
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object.count == Mirror(reflecting: commit).children.count)
    }

    /// Every member of an entry survives its short spelling.
    @Test func aLineOfACommitIsTheEntry() throws {
        var entry = SegmentEntry(
            file: "seg-7.packed", documents: 3, bytes: 700, crc32c: 4_294_967_295, words: 40, documentsWithText: 2,
            clipped: 5, dropped: 6, isReordered: true, scale: 83.25, texts: nil, packedTexts: 3_000_000_000,
            live: .init(
                file: "seg-7.live-9", bytes: 12, crc32c: 9, documents: 2, words: 30, documentsWithText: 1))
        func expectTheSame() throws {
            let json = try JSONEncoder().encode([SegmentEntry.Line(entry)])
            #expect(try JSONDecoder().decode([SegmentEntry.Line].self, from: json).map(\.entry) == [entry])
        }
        try expectTheSame()
        (entry.packedTexts, entry.live) = (nil, nil)
        try expectTheSame()
        entry.file = "seg-7.safetensors"
        entry.texts = .init(file: "seg-5.sqlite", bytes: 8_192, crc32c: 4_000_000_000, identity: 1)
        try expectTheSame()
        (entry.texts, entry.scale, entry.isReordered) = (nil, nil, false)
        try expectTheSame()
        for broken in [
            "[[7]]", "[[7,1,1,1,1,1,1,0,0,0,null,[],null]]", "[[-1,1,1,1,1,1,1,0,0,0,null,\"x\",null]]", "[7]",
        ] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode([SegmentEntry.Line].self, from: Data(broken.utf8))
            }
        }
    }
}
