import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// A text comes back as it went in, or as an error; never as another text.
@Suite struct DocumentTextTests {
    private static let texts = [
        "plain", "", "nul \u{0} and the rest", "caf\u{E9}", "cafe\u{301}", "\u{FEFF}mark",
        "🦉 " + String(repeating: "long ", count: 3000),
        "line\nbreak\ttab", "'; DROP TABLE documents; --",
    ]

    private func index(at directory: String, appended: Bool = false) async throws -> String {
        func lines(_ prefix: String) throws -> String {
            let path = try TestPaths.temporaryDirectory() + "/corpus.jsonl"
            var lines = Data()
            for (number, text) in Self.texts.enumerated() {
                let object: [String: Any] = ["_id": "\(prefix)\(number)", "title": text, "text": text, "n": number]
                lines += try JSONSerialization.data(withJSONObject: object) + Data("\n".utf8)
            }
            try lines.write(to: URL(fileURLWithPath: path))
            return path
        }
        var builder = IndexBuilder(directory: directory)
        builder.model = ModelChoice.none
        _ = try await builder.build(from: [lines("a")])
        if appended {
            builder.existing = .append
            for prefix in ["b", "c", "d", "e"] { _ = try await builder.build(from: [lines(prefix)]) }
        }
        return directory
    }

    private func expectTheTexts(_ directory: String, _ prefixes: [String]) throws {
        let ids = prefixes.flatMap { prefix in Self.texts.indices.map { "\(prefix)\($0)" } }
        let found = try SearchIndex(directory).documents.documents(ids)
        #expect(found.count == ids.count)
        for id in ids {
            let text = Self.texts[Int(id.dropFirst()) ?? 0]
            let stored = found.first { $0.key.string == id }?.value
            #expect(stored.map { Array($0.text.utf8) } == Array(text.utf8), "\(id)")
            #expect(stored.map { Array($0.title.utf8) } == Array(text.utf8), "\(id)")
            #expect(stored?.metadata == "{\"n\":\(id.dropFirst())}")
        }
    }

    /// Also in a path that a database address has to escape, in files that were joined, and for whoever cannot write.
    @Test func everyTextComesBack() async throws {
        let parent = try TestPaths.temporaryDirectory()
        for name in ["plain", "with space?mode=rw#x%41&b=é"] {
            let directory = try await index(at: parent + "/" + name, appended: true)
            try expectTheTexts(directory, ["a", "b", "c", "d", "e"])
            let names = try FileManager.default.contentsOfDirectory(atPath: directory)
            #expect(!names.contains { $0.hasSuffix("-wal") || $0.hasSuffix("-journal") || $0.hasSuffix(".tmp") })
        }
    }

    @Test func aFlippedByteGivesNoOtherText() async throws {
        let directory = try await index(at: try TestPaths.temporaryDirectory() + "/index")
        let path = URL(fileURLWithPath: directory + "/seg-1.sqlite")
        let whole = try Data(contentsOf: path)
        var random = SplitMix64(seed: 4)
        for place in stride(from: 0, to: whole.count, by: TestPaths.isLong ? 1 : 61) {
            var damaged = whole
            damaged[place] ^= UInt8.random(in: 1...255, using: &random)
            try damaged.write(to: path)
            let index = try SearchIndex(directory)
            let error = #expect(throws: IndexError.self, "byte \(place)") { try index.verify() }
            #expect(error?.description.contains("seg-1.sqlite") == true)
            for (number, text) in Self.texts.enumerated() {
                guard let stored = try? index.documents.documents(["a\(number)"]).first?.value else { continue }
                #expect(Array(stored.text.utf8) == Array(text.utf8), "byte \(place), text \(number)")
                #expect(stored.metadata == "{\"n\":\(number)}")
            }
        }
    }

    /// Files of the same size and the same rows, of another index or another segment, are not taken for each other.
    @Test func anotherIndexsTextsAreNotShown() async throws {
        let parent = try TestPaths.temporaryDirectory()
        for (name, word) in [("one", "fish"), ("two", "bird")] {
            let lines = (0..<3).map { #"{"_id": "d\#($0)", "text": "\#(word) \#($0)"}"# }
            try lines.joined(separator: "\n").write(toFile: parent + "/c.jsonl", atomically: true, encoding: .utf8)
            var builder = IndexBuilder(directory: parent + "/" + name)
            builder.model = ModelChoice.none
            _ = try await builder.build(from: [parent + "/c.jsonl"])
        }
        let path = parent + "/one/seg-1.sqlite"
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: parent + "/two/seg-1.sqlite", toPath: path)
        let index = try SearchIndex(parent + "/one")
        let got = Result { try index.documents.documents(["d1"]) }
        #expect(throws: IndexError.corrupt(path: path, detail: "it is not the file that the commit names")) {
            try got.get()
        }
        #expect(throws: IndexError.self) { try index.snapshot.verifyChecksums() }
    }

    @Test func aMissingExchangedOrCutFileIsNamed() async throws {
        let directory = try await index(at: try TestPaths.temporaryDirectory() + "/index")
        let path = directory + "/seg-1.sqlite"
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for bytes in [Data(), whole.dropLast(1), whole + whole] {
            try bytes.write(to: URL(fileURLWithPath: path))
            let opened = Result { try SearchIndex(directory) }
            let error = #expect(throws: IndexError.self) { try opened.get() }
            #expect(error?.description.contains("seg-1.sqlite") == true)
        }
        try FileManager.default.removeItem(atPath: path)
        let opened = Result { try SearchIndex(directory) }
        #expect(throws: IndexError.corrupt(path: path, detail: "it is missing")) { try opened.get() }
    }
}
