import Apus
import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// A build that fails takes back what it made and nothing else; what it committed stays.
@Suite struct BuildSafetyTests {
    private func write(_ lines: [String]) throws -> String {
        let path = try TestPaths.temporaryDirectory() + "/corpus.jsonl"
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func documents(_ count: Int, _ prefix: String = "d") -> [String] {
        (0..<count).map { #"{"_id": "\#(prefix)\#($0)", "text": "common word\#($0)"}"# }
    }

    private func builder(_ existing: IndexBuilder.Existing = .refuse, at directory: String) -> IndexBuilder {
        var builder = IndexBuilder(directory: directory)
        builder.existing = existing
        builder.model = ModelChoice.none
        builder.batchSize = 2
        return builder
    }

    private func names(_ directory: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
    }

    @Test func aFailedFirstBuildLeavesAFolderThatWasThere() async throws {
        let directory = try TestPaths.temporaryDirectory()
        let link = directory + ".link"
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: directory)
        await #expect(throws: (any Error).self) {
            _ = try await builder(at: link).build(from: [write(documents(5) + ["{broken"])])
        }
        #expect(try names(directory).isEmpty)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == directory)
    }

    @Test func whatOthersPutThereMeanwhileStays() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let path = try write(documents(5) + ["{broken"])
        await #expect(throws: (any Error).self) {
            _ = try await builder(at: directory).build(
                from: [path],
                progress: { _ in
                    try? Data("mine".utf8).write(to: URL(fileURLWithPath: directory + "/seg-notes.tmp"))
                })
        }
        #expect(try names(directory) == ["seg-notes.tmp"])
    }

    /// A failure after periodic commits keeps what was committed, says so, and `--resume` goes on.
    @Test func anAppendThatFailsLateKeepsWhatItCommitted() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write(documents(3))])
        var append = builder(.append, at: directory)
        append.commitInterval = .zero
        let path = try write(documents(6, "e") + ["{broken"])
        let error = await #expect(throws: PartlyBuilt.self) { _ = try await append.build(from: [path]) }
        #expect(error?.kept == 6)
        #expect(error?.description.contains("--resume") == true)
        let index = try SearchIndex(directory)
        #expect(index.snapshot.documentCount == 9)
        #expect(index.notes.count == 1)
        let rest = try write(documents(6, "e") + documents(1, "f"))
        let report = try await builder(.resume, at: directory).build(from: [rest])
        #expect(report.skipped == 6 && report.added == 1 && report.documents == 10)
        #expect(try SearchIndex(directory).notes.isEmpty)
    }

    /// Else an index of eight million documents lay on the disk two and a half times.
    @Test func aFirstBuildLeavesNoneOfItsEarlierCommits() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        var first = builder(at: directory)
        first.commitInterval = .zero
        var most = 0
        let report = try await first.build(
            from: [write(documents(10))],
            progress: { _ in
                let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
                most = max(most, names.count { $0.hasPrefix("commit-") })
            })
        #expect(report.documents == 10 && report.commit > 2 && most == 1)
        #expect(
            try names(directory).map { $0.prefix { !$0.isNumber } + $0.drop { $0 != "." } }
                == ["commit-.json", "seg-.safetensors", "seg-.sqlite"])
        _ = try await builder(.append, at: directory).build(from: [write(documents(2, "e"))])
        #expect(try names(directory).count { $0.hasPrefix("commit-") } == 2)
    }

    @Test func anAppendThatFailsAtOnceChangesNothing() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        _ = try await builder(at: directory).build(from: [write(documents(3))])
        let before = try names(directory)
        await #expect(throws: (any Error).self) {
            _ = try await builder(.append, at: directory).build(from: [write(documents(5, "e") + ["{broken"])])
        }
        #expect(try names(directory) == before)
    }

    /// The lock comes before anything is read: a second build is refused as long as the first one's input is open.
    @Test func aSecondBuildIsRefusedWhileTheFirstOneReads() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let (path, other) = (try write(documents(4)), try write(documents(4, "x")))
        // The progress of the first build is the moment in which the second one comes.
        let refused = Counter()
        let report = try await builder(at: directory).build(
            from: [path],
            progress: { _ in
                do {
                    let lock = try WriteLock(directory)
                    withExtendedLifetime(lock) {}
                } catch IndexError.locked { refused.count += 1 } catch {}
            })
        #expect(report.documents == 4 && refused.count > 0)
        await #expect(throws: ApusError.self) { _ = try await builder(at: directory).build(from: [other]) }
        #expect(try !names(directory).contains("write.lock"))
    }

    private final class Counter {
        var count = 0
    }

    @Test func anotherVersionOfTheAnalyzerIsANoteAndRefusesNothing() async throws {
        let directory = try TestPaths.temporaryDirectory() + "/index"
        let writer = try IndexWriter.create(at: directory, options: IndexOptions(), vocabulary: [])
        await writer.setMetadata([
            "analyzer": "english", "analyzer.version": "english-1 icu-1.2", "model": "none", "complete": "true",
        ])
        try await writer.add([
            IndexDocument(id: "a", wordBytes: Array("fish".utf8), wordEnds: [4], terms: [], weights: [])
        ])
        try await writer.commit()
        let index = try SearchIndex(directory)
        #expect(index.notes.count == 1 && index.notes[0].contains("icu-1.2"))
        #expect(try index.search("fish").documents.map(\.id) == ["a"])
    }
}
