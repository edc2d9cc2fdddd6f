import ApusTestSupport
import CorpusFormats
import FileStorage
import Foundation
import Testing

@testable import Apus
@testable import InvertedIndex

/// Texts that are packed in their segment's file are told as those in a file of their own.
@Suite struct PackedTextsTests {
    /// A line of a corpus with a document of this text.
    private func line(_ number: Int, _ text: String) throws -> String {
        let quoted = String(decoding: try JSONEncoder().encode(text), as: UTF8.self)
        let title = number % 3 == 0 ? "" : #","title":"title \#(number)""#
        let fields = number % 4 == 0 ? "" : #","gr\u00f6\u00dfe":\#(number),"tags":["a","\#(number % 2)"]"#
        return #"{"_id":"d\#(number)"\#(title),"text":\#(quoted)\#(fields)}"# + "\n"
    }

    private func write(_ lines: [String], _ path: String) throws -> String {
        try Data(lines.joined().utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    /// The documents as a builder reads them.
    private func documents(_ lines: [String], _ directory: String) throws -> [CorpusDocument] {
        let reader = try CorpusReader(path: try write(lines, directory + "/read.jsonl"), format: nil)
        var documents: [CorpusDocument] = []
        while let document = try reader.next() { documents.append(document) }
        return documents
    }

    private func build(_ lines: [String], at index: String, _ directory: String) async throws {
        var builder = IndexBuilder(directory: index)
        builder.model = ModelChoice.none
        builder.filterable = try MetadataPath.list(parsing: "größe")
        _ = try await builder.build(from: [try write(lines, directory + "/in.jsonl")])
    }

    private func packedFiles(_ index: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: index).filter { $0.hasSuffix(".packed") }
    }

    /// What a person is told of an index.
    private func told(_ index: SearchIndex, _ ids: [String]) throws -> [String] {
        var options = SearchOptions()
        options.mode = .bm25
        options.hits = 100
        var told: [String] = []
        for filter in [nil, "größe >= 20", #"tags : "1""#, #"NOT größe >= 9"#, #"title : "title 7""#] {
            options.filter = try filter.map { try Filter(parsing: $0) }
            let answer = try index.search("river stone water", options)
            told.append(
                answer.documents.map { "\($0.id) \($0.score) \($0.title ?? "") \($0.text ?? "")" }.joined(
                    separator: "\n"))
        }
        let stored = try index.documents.documents(ids)
        return told + ids.map { "\($0) \(String(describing: stored[.init($0)]))" }
    }

    @Test func singleDocumentsTellWhatAFreshBuildTells() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let words = ["river", "stone", "paper", "water", "light\u{0}dark", "größe", "🌊 wave"]
        var lines = try (0..<40).map { number in
            try line(number, (0...number % 6).map { words[(number * 3 + $0 * $0) % 7] }.joined(separator: " "))
        }
        let index = directory + "/index"
        try await build(Array(lines[..<2]), at: index, directory)
        let updater = try IndexUpdater(index)
        for document in try documents(Array(lines[2...]), directory) {
            try await updater.add([document])
            try await updater.commit()
        }
        #expect(try !packedFiles(index).isEmpty)
        (lines[30], lines[1]) = (try line(30, "another river"), try line(1, "another stone"))
        try await updater.update(try documents([lines[30], lines[1]], directory))
        try await updater.delete(["d12", "d0"])
        try await updater.commit()
        lines.remove(at: 12)
        lines.remove(at: 0)
        let fresh = directory + "/fresh"
        try await build(lines, at: fresh, directory)
        let ids = (0..<40).map { "d\($0)" }
        let opened = try SearchIndex(index)
        #expect(try told(opened, ids) == told(SearchIndex(fresh), ids))
        #expect(try opened.deepCheck().isEmpty)
        try opened.verify()
        // A large text brings files of its own, and is told like the others.
        lines.append(try line(50, String(repeating: "river of words ", count: 40_000)))
        try await updater.add(try documents([lines[lines.count - 1]], directory))
        try await updater.commit()
        let names = try FileManager.default.contentsOfDirectory(atPath: index)
        #expect(names.count { $0.hasSuffix(".sqlite") } >= 2)
        try await build(lines, at: directory + "/larger", directory)
        let larger = try SearchIndex(directory + "/larger")
        #expect(try told(opened.refresh(), ids + ["d50"]) == told(larger, ids + ["d50"]))
    }

    @Test func joinedByWhoeverDoesNotPackTheyAreFilesAgain() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lines = try (0..<9).map { try line($0, "river stone \($0)") }
        let index = directory + "/index"
        try await build(Array(lines[..<1]), at: index, directory)
        do {
            let updater = try IndexUpdater(index)
            for document in try documents(Array(lines[1...]), directory) {
                try await updater.add([document])
                try await updater.commit()
            }
        }
        let ids = (0..<9).map { "d\($0)" }
        let before = try told(SearchIndex(index), ids)
        #expect(try IndexUpgrade.run(index) == nil)
        _ = try await SegmentJoining(to: 1).run(index)
        let joined = try SearchIndex(index)
        #expect(joined.snapshot.segmentCount == 1 && joined.snapshot.segments[0].texts?.isPacked == false)
        #expect(try told(joined, ids) == before)
        #expect(try IndexUpgrade.run(index) == nil)
        #expect(try joined.deepCheck().isEmpty)
    }

    /// Rows of packed texts and of files go into one, packed or not.
    @Test(arguments: [nil, [0, 2], []] as [[UInt32]?]) func partsOfBothSortsAreJoined(rows: [UInt32]?) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let texts = (0..<4).map { StoredText(title: "t\($0)", text: "x\u{0}\($0)", metadata: $0 == 1 ? nil : "{}") }
        let packed = try packedTexts(texts, directory + "/packed")
        let writer = DocumentFileWriter()
        try writer.append(texts, to: directory + "/file")
        let file = SegmentTexts(path: directory + "/file", rows: 4, identity: try writer.finish())
        #expect(file.identity == packed.identity)
        let kept = rows?.map { texts[Int($0)] } ?? texts
        for parts in [[packed, packed], [packed, file], [file, packed]] {
            let path = directory + "/joined"
            let joined = try DocumentFileWriter().join(parts, rows: [rows, nil], to: path, packs: true)
            #expect((joined.packed != nil) == parts.allSatisfy(\.isPacked))
            let whole = kept + texts
            let read =
                try joined.packed.map { try Self.segment($0, directory + "/again", whole.count, joined.identity) }
                ?? SegmentTexts(path: path, rows: whole.count, identity: joined.identity)
            let opened = try DocumentFile(read)
            for (row, text) in whole.enumerated() { #expect(try opened.row(UInt32(row)) == text) }
            #expect(throws: IndexError.self) { try opened.row(UInt32(whole.count)) }
        }
        #expect(throws: IndexError.self) {
            try DocumentFileWriter().join([packed], rows: [[9]], to: directory + "/joined", packs: true)
        }
    }

    /// Packed texts that end early, are others, or are not as many as the segment's documents are damage.
    @Test func otherTextsThanTheCommitNamesAreDamage() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let writer = DocumentFileWriter(filterable: [try #require(MetadataPath.list(parsing: "year").first)])
        try writer.append([StoredText(title: "t", text: "words", metadata: "{}")], to: directory + "/none")
        let written = try writer.finish(packs: true)
        let bytes = try #require(written.packed)
        let whole = try Self.segment(bytes, directory + "/whole", 1, written.identity)
        #expect(try PackedTexts(whole).fields.map(\.description) == ["year"])
        for place in bytes.indices {
            for changed in [Array(bytes[..<place]), bytes[..<place] + [bytes[place] ^ 1] + bytes[(place + 1)...]] {
                let other = try Self.segment(Array(changed), directory + "/other", 1, written.identity)
                // The names of fields are not covered by the texts' identity; the file's checksum covers them.
                if let read = try? PackedTexts(other) { #expect(read.rows == (try PackedTexts(whole).rows)) }
            }
        }
        #expect(throws: IndexError.self) {
            try PackedTexts(Self.segment(bytes, directory + "/more", 2, written.identity))
        }
        #expect(throws: IndexError.self) {
            try PackedTexts(Self.segment(bytes, directory + "/another", 1, written.identity &+ 1))
        }
    }

    private func packedTexts(_ texts: [StoredText], _ path: String) throws -> SegmentTexts {
        let writer = DocumentFileWriter()
        try writer.append(texts, to: path)
        let written = try writer.finish(packs: true)
        return try Self.segment(try #require(written.packed), path, texts.count, written.identity)
    }

    /// The texts of a segment's file that holds nothing else.
    private static func segment(_ bytes: [UInt8], _ path: String, _ rows: Int, _ identity: UInt32) throws
        -> SegmentTexts
    {
        let file = try SafetensorsStream(path: path, mostTensors: 1)
        try file.write(SegmentTexts.tensor, .u8, bytes)
        let (size, crc32c) = try file.commit(packedAs: path)
        return try SegmentTexts(
            in: SafetensorsFile(bytes: PackedFile.content(of: path, bytes: size, crc32c: crc32c)), rows: rows,
            identity: identity)
    }
}
