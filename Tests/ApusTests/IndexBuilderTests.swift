import Apus
import ApusTestSupport
import CorpusFormats
import Foundation
import InvertedIndex
import LearnedEncoder
import Testing

@Suite struct IndexBuilderTests {
    private func write(_ lines: [String]) throws -> String {
        let path = try TestPaths.temporaryDirectory() + "/corpus.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func document(_ id: String, _ text: String) -> String { #"{"_id": "\#(id)", "text": "\#(text)"}"# }

    private func builder(_ existing: IndexBuilder.Existing = .refuse, at directory: String) -> IndexBuilder {
        var builder = IndexBuilder(directory: directory)
        builder.existing = existing
        builder.model = ModelChoice.none
        return builder
    }

    private func hits(_ directory: String, _ query: String) throws -> [String] {
        try SearchIndex(directory).search(query).documents.map(\.id)
    }

    @Test func aBuiltIndexAnswersAndKeepsTheTexts() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let path = try write([document("a", "glaciers move slowly"), document("b", "bread rises"), document("c", "")])
        let report = try await builder(at: directory).build(from: [path])
        #expect(report.added == 3)
        #expect(report.empty == 1)
        let found = try hits(directory, "moving glacier")
        #expect(found == ["a"])
        let stored = try SearchIndex(directory).documents.documents(["b"])
        #expect(stored["b"]?.text == "bread rises")
    }

    @Test func anExistingIndexIsNotTouchedUnasked() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write([document("a", "one")])])
        await #expect(throws: ApusError.self) {
            _ = try await builder(at: directory).build(from: [write([document("b", "two")])])
        }
        let found = try hits(directory, "one")
        #expect(found == ["a"])
    }

    @Test func appendAddsAndRefusesKnownIds() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write([document("a", "one")])])
        _ = try await builder(.append, at: directory).build(from: [write([document("b", "one two")])])
        let both = try hits(directory, "one")
        #expect(Set(both) == ["a", "b"])
        await #expect(throws: ApusError.self) {
            let path = try write([document("c", "three"), document("a", "again")])
            _ = try await builder(.append, at: directory).build(from: [path])
        }
        let none = try hits(directory, "three")
        #expect(none.isEmpty)
    }

    @Test func resumeSkipsKnownIds() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        var first = builder(at: directory)
        first.batchSize = 2
        let path = try write((0..<10).map { document("d\($0)", "word\($0) common") })
        let stopped = try await first.build(from: [path], isCancelled: { true })
        #expect(stopped.interrupted)
        #expect(stopped.documents == 2)
        #expect(try SearchIndex(directory).settings.isComplete == false)
        let report = try await builder(.resume, at: directory).build(from: [path])
        #expect(report.skipped == 2)
        #expect(report.documents == 10)
        let index = try SearchIndex(directory)
        #expect(index.settings.isComplete)
        #expect(try index.search("common").documents.count == 10)
    }

    @Test func aBuildCanStopInsideABatchOfPassagesAndGoOn() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let path = try write((0..<3).map { document("d\($0)", "cat mat water heart light cat mat water heart light") })
        var first = builder(at: directory)
        first.model = .folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")
        first.passages = PassageSplit(length: 8)
        let stopped = try await first.build(from: [path], isCancelled: { true })
        #expect(stopped.interrupted && stopped.documents == 0)
        var second = builder(.resume, at: directory)
        second.model = nil
        let report = try await second.build(from: [path])
        #expect(report.documents == 3 && report.split == 3 && report.passages == 6 && !report.interrupted)
    }

    /// What a killed build leaves: a copy of the directory, made in the middle of the build, opens with what was committed.
    @Test func aGrowingIndexIsCommittedAgainAndAgain() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        var growing = builder(at: directory)
        growing.batchSize = 2
        growing.commitInterval = .zero
        let path = try write((0..<10).map { document("d\($0)", "common") })
        let copy = try TestPaths.temporaryDirectory() + "/copy"
        let report = try await growing.build(
            from: [path],
            progress: { progress in
                if progress.documents == 6 { try? FileManager.default.copyItem(atPath: directory, toPath: copy) }
            })
        #expect(report.documents == 10)
        let killed = try SearchIndex(copy)
        #expect(killed.settings.isComplete == false)
        #expect(killed.snapshot.documentCount == 4)
        #expect(try killed.search("common").documents.count == 4)
        #expect(try killed.documents.documents(["d3"])["d3"]?.text == "common")
    }

    @Test func replaceSwapsTheWholeIndexAtOnce() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write([document("a", "one")])])
        let before = try SearchIndex(directory)
        _ = try await builder(.replace, at: directory).build(from: [write([document("b", "one")])])
        let after = try hits(directory, "one")
        #expect(after == ["b"])
        #expect(try before.search("one").documents.map(\.id) == ["a"])
        // The commit before is kept with its files, and goes with the next one.
        _ = try await builder(.replace, at: directory).build(from: [write([document("c", "one")])])
        let texts = try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0.hasSuffix(".sqlite") }
        #expect(texts.count == 3)
        #expect(try before.documents.documents(["a"])["a"]?.text == "one")
    }

    @Test func aFailedReplacementLeavesTheOldIndex() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write([document("a", "one")])])
        await #expect(throws: (any Error).self) {
            _ = try await builder(.replace, at: directory).build(from: [write([document("b", "one"), "{broken"])])
        }
        let found = try hits(directory, "one")
        #expect(found == ["a"])
    }

    @Test func anEmptyCorpusLeavesNoIndex() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        await #expect(throws: FormatError.self) { _ = try await builder(at: directory).build(from: [write([""])]) }
        #expect(!FileManager.default.fileExists(atPath: directory))
    }

    @Test func duplicateIdsNameBothLines() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let path = try write([document("a", "one"), document("b", "two"), document("a", "three")])
        let other = try write([document("c", "four"), document("b", "five")])
        for (paths, line, first) in [([path], 3, (path, 1)), ([try write([document("b", "two")]), other], 2, nil)] {
            let error = await #expect(throws: FormatError.self) {
                _ = try await builder(at: directory).build(from: paths)
            }
            guard case .duplicate(let path, let found, _, let firstPath, let firstLine) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            #expect(path == paths.last && found == line)
            #expect((firstPath, firstLine) == first ?? (paths[0], 1))
        }
    }

    @Test func withoutAModelBM25AnswersAndSaysSo() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write([document("a", "one")])])
        var options = SearchOptions()
        options.mode = .splade
        let answer = try SearchIndex(directory).search("one", options)
        #expect(answer.isFallback)
        #expect(answer.mode == .bm25)
        #expect(answer.tag == "apus-bm25-fallback")
        #expect(answer.notes.count == 1)
    }
}
