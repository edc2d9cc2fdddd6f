import Apus
import ApusTestSupport
import Foundation
import Glibc
import Testing

/// After a sync the index is the one that a fresh build of the folder makes: the same ids, hits and scores.
@Suite struct FolderSyncTests {
    private struct Site {
        let folder: String
        let index: String

        init() throws {
            let place = try TestPaths.temporaryDirectory()
            (folder, index) = (place + "/notes", place + "/index")
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }

        func write(_ name: String, _ text: String) throws {
            let path = folder + "/" + name
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        }

        func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder + "/" + name) }

        func builder(_ directory: String? = nil) -> IndexBuilder {
            var builder = IndexBuilder(directory: directory ?? index)
            builder.model = ModelChoice.none
            builder.threads = 1
            return builder
        }

        @discardableResult func sync(_ change: (inout FolderSync) -> Void = { _ in }) async throws -> SyncReport {
            var sync = FolderSync(folder, into: builder())
            change(&sync)
            return try await sync.run()
        }

        /// Every hit of some words, with its score.
        func hits(_ directory: String) throws -> [String] {
            let index = try SearchIndex(directory)
            var options = SearchOptions()
            (options.mode, options.hits) = (.bm25, 100)
            return try ["owl", "fox night", "paper w1 w2", "w3 w4"].flatMap { query in
                try index.search(query, options).documents.map { "\(query): \($0.id) \($0.score)" }
            }
        }
    }

    private func counts(_ report: SyncReport) -> [Int] {
        [report.added, report.changed, report.deleted, report.unchanged]
    }

    @Test func whatChangedIsTakenOver() async throws {
        let site = try Site()
        for name in ["a.txt", "b.md", "sub/c.html"] { try site.write(name, "owl \(name)") }
        _ = try await site.builder().build(from: [site.folder])
        var report = try await site.sync()
        #expect(counts(report) == [0, 0, 0, 3] && report.commit == 1)
        try site.write("a.txt", "fox")
        try site.write("d e.txt", "night")
        try site.remove("b.md")
        report = try await site.sync { $0.isDryRun = true }
        #expect(counts(report) == [1, 1, 1, 1] && report.commit == 1)
        #expect(report.wouldAdd == ["d e.txt"] && report.wouldChange == ["a.txt"] && report.wouldDelete == ["b.md"])
        report = try await site.sync()
        #expect(counts(report) == [1, 1, 1, 1] && report.documents == 3 && report.commit == 2)
        let index = try SearchIndex(site.index)
        #expect(try index.documents.documents(["a.txt", "b.md", "sub/c.html", "d%20e.txt"]).count == 3)
        #expect(try index.documents.documents(["a.txt"]).values.first?.text == "fox")
    }

    @Test(arguments: 0..<6 as Range<UInt64>)
    func equalsAFreshBuild(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let site = try Site()
        let names = (0..<30).map { "f\($0 % 3)/n\($0)" + [".txt", ".md", ".html", ".rst"][$0 % 4] }
        func text() -> String {
            (0..<8).map { _ in
                ["owl", "fox", "night", "paper", "w1", "w2", "w3", "w4"].randomElement(using: &random) ?? ""
            }
            .joined(separator: " ")
        }
        for name in names.prefix(15) { try site.write(name, text()) }
        for round in 0..<4 {
            for name in names where Int.random(in: 0..<4, using: &random) == 0 {
                if Bool.random(using: &random), FileManager.default.fileExists(atPath: site.folder + "/" + name) {
                    try site.remove(name)
                } else {
                    try site.write(name, text())
                }
            }
            try site.write("always.txt", "owl \(round)")
            try await site.sync()
            if round == 1 { _ = try await SegmentJoining(to: 1).run(site.index) }
            let fresh = site.index + "-\(round)"
            _ = try await site.builder(fresh).build(from: [site.folder])
            let (found, expected) = (try site.hits(site.index), try site.hits(fresh))
            #expect(!found.isEmpty && found == expected, "round \(round)")
        }
    }

    /// The same bytes under another time are read and found the same; other bytes under the same time and size are not seen,
    /// unless the file was indexed within a tick of being written.
    @Test func timesAndHashesTell() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try site.write("b.txt", "fox")
        func touch(_ name: String, _ seconds: Double) throws {
            let date = Date(timeIntervalSince1970: seconds)
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: site.folder + "/" + name)
        }
        for name in ["a.txt", "b.txt"] { try touch(name, 1_000_000_000.5) }
        try await site.sync()
        #expect(try await site.sync().reread == 0)
        try touch("a.txt", 1_000_000_007)
        var report = try await site.sync()
        #expect(counts(report) == [0, 0, 0, 2] && report.reread == 1 && report.commit == 1)
        // Written anew in the tick in which it is indexed: only its bytes tell.
        try site.write("a.txt", "elk")
        try await site.sync()
        try site.write("a.txt", "ape")
        report = try await site.sync()
        #expect(counts(report) == [0, 1, 0, 1])
    }

    @Test func documentsFromElsewhereAreNotTouched() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try site.write("b.txt", "fox")
        try site.write("e.txt", "paper")
        let other = try Site()
        try other.write("c.txt", "night")
        _ = try await site.builder().build(from: [site.folder, other.folder])
        func change() async throws {
            let updater = try IndexUpdater(site.index)
            try await updater.update([
                CorpusDocument(id: "b.txt", text: "mine"), CorpusDocument(id: "hand", text: "made"),
            ])
            try await updater.commit()
        }
        try await change()
        try site.remove("a.txt")
        try site.write("d.txt", "owl")
        let report = try await site.sync()
        #expect(counts(report) == [1, 0, 1, 1])
        #expect(report.passedOver == [PassedOverFile(name: "b.txt", fault: .idTaken("b.txt"))])
        let found = try SearchIndex(site.index).documents.documents(["b.txt", "hand", "c.txt", "d.txt"])
        #expect(found.count == 4 && found["b.txt"]?.text == "mine")
    }

    @Test func aFolderThatLostAllIsRefused() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try await site.sync()
        try site.remove("a.txt")
        try site.write("unlike.txt", "fox")
        await #expect(throws: ApusError.self) { try await site.sync() }
        #expect(try SearchIndex(site.index).snapshot.documentCount == 1)
        #expect(counts(try await site.sync { $0.allowsEmpty = true }) == [1, 0, 1, 0])
        try FileManager.default.removeItem(atPath: site.folder)
        await #expect(throws: FormatError.missing(path: site.folder)) { try await site.sync { $0.allowsEmpty = true } }
    }

    @Test func whatCannotBeReadNowStays() async throws {
        let site = try Site()
        for name in ["a.txt", "b.txt", "c.txt"] { try site.write(name, "owl \(name)") }
        try await site.sync()
        // No text any more, and a link to itself.
        try Data([0x7F, 0x45, 0x4C, 0x46, 0, 1]).write(to: URL(fileURLWithPath: site.folder + "/a.txt"))
        try site.remove("b.txt")
        unsafe #expect(symlink("b.txt", site.folder + "/b.txt") == 0)
        let report = try await site.sync()
        #expect(counts(report) == [0, 0, 0, 1] && report.commit == 1)
        #expect(report.staying.map(\.name).sorted() == ["a.txt", "b.txt"])
        #expect(report.notes.contains { $0.contains("What is indexed of them stays.") })
        #expect(try SearchIndex(site.index).snapshot.documentCount == 3)
    }

    @Test func aMovedFolderIsTakenOver() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try await site.sync()
        let moved = site.folder + "-moved"
        try FileManager.default.moveItem(atPath: site.folder, toPath: moved)
        var sync = FolderSync(moved, into: site.builder())
        #expect(try await sync.run().passedOver.map(\.fault) == [.idTaken("a.txt")])
        sync.formerly = site.folder
        #expect(counts(try await sync.run()) == [0, 1, 0, 0])
        sync.formerly = nil
        #expect(counts(try await sync.run()) == [0, 0, 0, 1])
    }

    /// What a file was indexed as is kept up to date, whatever the flags say now.
    @Test func indexedSourceStays() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try site.write("x.py", "fox = 1")
        try await site.sync { $0.builder.folders.takesSourceFiles = true }
        try site.write("x.py", "fox = 22")
        try site.write("y.py", "new")
        #expect(counts(try await site.sync()) == [0, 1, 0, 1])
    }

    @Test func aBackupCanBeSynced() async throws {
        let site = try Site()
        try site.write("a.txt", "owl")
        try await site.sync()
        let backup = site.index + "-backup"
        _ = try IndexSnapshot.open(site.index).backup(to: backup, copies: true)
        try site.write("b.txt", "fox")
        let report = try await FolderSync(site.folder, into: site.builder(backup)).run()
        #expect(counts(report) == [1, 0, 0, 1])
    }

    @Test func nothingToReadMakesNoIndex() async throws {
        let site = try Site()
        await #expect(throws: ApusError.self) { try await site.sync() }
        #expect(throws: IndexError.self) { try SearchIndex(site.index) }
    }
}
