import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Indexes of the format before are converted and answer as they did. Fixtures: Tests/Fixtures/index-3, written by the last
/// version of that format from the .jsonl files beside them; the scores are what that version printed.
@Suite struct UpgradeTests {
    private func copy(_ name: String) throws -> String {
        let directory = try TestPaths.temporaryDirectory() + "/" + name
        try FileManager.default.copyItem(atPath: TestPaths.fixtures + "/index-3/" + name, toPath: directory)
        return directory
    }

    @Test func theOldFormatIsNamedWithTheVerbThatConvertsIt() throws {
        let directory = try copy("words")
        let opened = Result { try SearchIndex(directory) }
        let error = #expect(throws: IndexError.self) { try opened.get() }
        #expect(error?.description.contains("apus upgrade \(directory)") == true)
    }

    @Test func wordsKeepTheirScoresAndTexts() throws {
        let directory = try copy("words")
        let report = try #require(try IndexUpgrade.run(directory))
        #expect(report.documents == 4 && report.commit == 3 && report.warning == nil)
        let index = try SearchIndex(directory)
        try index.snapshot.verifyChecksums()
        let hits = try index.search("slow bread ice").documents
        #expect(hits.map(\.id) == ["caf\u{E9}", "b", "a"])
        #expect(hits.map(\.score) == [0.742111086845398, 0.5715107917785645, 0.24737036228179932])
        let stored = try index.documents.documents(["a", "empty"])
        #expect(stored["a"]?.title == "Glaciers" && stored["a"]?.text == "Ice moves slowly downhill.")
        #expect(stored["a"]?.metadata == #"{"year":1998}"#)
        #expect(stored["empty"]?.text == "")
        let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
        #expect(names == ["commit-3.json", "seg-2.safetensors", "seg-2.sqlite"])
        let again = try IndexUpgrade.run(directory)
        #expect(again == nil)
    }

    @Test func vectorsKeepTheirScale() throws {
        let directory = try copy("vectors")
        _ = try IndexUpgrade.run(directory)
        let terms = [("ice", 1), ("slow", 2), ("bread", 0.5)].map { QueryTerm(term: $0.0, weight: Float($0.1)) }
        var options = SearchOptions()
        options.mode = .splade
        let hits = try SearchIndex(directory).search("", vector: terms, options).documents
        #expect(hits.map(\.id) == ["a", "b", "c"])
        #expect(zip(hits.map(\.score), [2.0019352, 2.0018132, 0.8025489]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func damageIsNotConverted() throws {
        for name in ["seg-1.safetensors", "commit-2.json", "documents.sqlite"] {
            let directory = try copy("words")
            let path = URL(fileURLWithPath: directory + "/" + name)
            var bytes = try Data(contentsOf: path)
            bytes[bytes.count / 2] ^= 0x10
            // The old store has no checksum: what can be seen is that it is cut.
            try (name == "documents.sqlite" ? bytes.prefix(5000) : bytes).write(to: path)
            let run = Result { try IndexUpgrade.run(directory) }
            #expect(throws: (any Error).self, "\(name)") { try run.get() }
            #expect(FileManager.default.fileExists(atPath: directory + "/documents.sqlite"))
        }
    }

    /// Fixtures/index-4, written by the first version of format 4, must open for ever: as it is, without writing to it.
    @Test func formatFourOpensForEver() throws {
        let directory = TestPaths.fixtures + "/index-4/"
        let words = try SearchIndex(directory + "words")
        try words.snapshot.verifyChecksums()
        let hits = try words.search("slow bread ice").documents
        #expect(hits.map(\.id) == ["caf\u{E9}", "b", "a"])
        #expect(hits.map(\.score) == [0.742111086845398, 0.5715107917785645, 0.24737036228179932])
        #expect(try words.documents.documents(["a"])["a"]?.metadata == #"{"year":1998}"#)
        let vectors = try SearchIndex(directory + "vectors")
        try vectors.snapshot.verifyChecksums()
        let terms = [("ice", 1), ("slow", 2), ("bread", 0.5)].map { QueryTerm(term: $0.0, weight: Float($0.1)) }
        var options = SearchOptions()
        options.mode = .splade
        let found = try vectors.search("", vector: terms, options).documents
        #expect(found.map(\.id) == ["a", "b", "c"])
        #expect(zip(found.map(\.score), [2.0019352, 2.0018132, 0.8025489]).allSatisfy { abs($0 - $1) < 1e-6 })
    }

    @Test func anOldIndexCanBeReplaced() async throws {
        let directory = try copy("words")
        var builder = IndexBuilder(directory: directory)
        builder.existing = .replace
        builder.model = ModelChoice.none
        let report = try await builder.build(from: [TestPaths.fixtures + "/index-3/words.jsonl"])
        #expect(report.documents == 4)
        #expect(try SearchIndex(directory).search("bread").documents.count == 2)
        #expect(!FileManager.default.fileExists(atPath: directory + "/documents.sqlite"))
    }
}
