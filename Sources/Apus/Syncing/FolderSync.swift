import CorpusFormats
import Foundation
import InvertedIndex

/// Makes an index hold what a folder holds: new files come in, changed ones take the places of their documents, those that are gone leave.
///
/// ```swift
/// let report = try await FolderSync("notes", into: IndexBuilder(directory: "Indexes/notes")).run()
/// print(report.added, "new,", report.changed, "changed,", report.deleted, "gone,", report.unchanged, "as they were")
/// ```
///
/// Each document keeps where its file is, its size, when it was modified, and a hash of its bytes. A file is read only when size
/// or time differ, and its document written only when the hash does too. Documents that came from elsewhere are not touched.
///
/// All is in one commit, after commits of what came so far for every minute that it takes. Whatever interrupts it, the next one
/// goes on from there.
public struct FolderSync: Sendable {
    /// The folder.
    public var folder: String
    /// How the index is made where there is none yet, and how the folder is read (``IndexBuilder/folders``).
    public var builder: IndexBuilder
    /// Whether nothing is written, only said.
    public var isDryRun = false
    /// Whether all documents of the folder may go.
    public var allowsEmpty = false
    /// Where the folder was when it was indexed, if it has moved: its full path then.
    public var formerly: String?

    /// A sync of a folder into the index of a builder.
    public init(_ folder: String, into builder: IndexBuilder) { (self.folder, self.builder) = (folder, builder) }

    /// Syncs.
    ///
    /// - Throws: ``ApusError/everythingGone(folder:index:documents:)``; `FormatError` when the folder is not there or cannot be
    ///   listed; what a build throws.
    public func run(
        progress: (BuildProgress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) async throws -> SyncReport {
        let start = ContinuousClock.now
        let seconds = { (ContinuousClock.now - start).seconds }
        var builder = self.builder
        builder.existing = .update
        builder.folders.excluded.append(builder.directory)
        // Without the lock and the encoder first: most of the time nothing changed.
        var snapshot = try Self.snapshot(builder.directory)
        var found = try compare(builder, snapshot, isCancelled)
        if isDryRun || (found.isNothing && snapshot != nil) || isCancelled() {
            var report = SyncReport(found, folder, builder.folders, snapshot, isDryRun: isDryRun)
            report.interrupted = isCancelled()
            report.seconds = seconds()
            return report
        }
        let plan = try BuildPlan(builder)
        // Another writer may have been faster; under the lock there is none.
        let current = try Self.snapshot(builder.directory)
        if current?.generation ?? 0 != found.generation {
            snapshot = current
            found = try compare(builder, snapshot, isCancelled)
        }
        // A commit that is held would outlive those that follow.
        snapshot = nil
        let reading = FolderReading(found)
        let feed = DocumentFeed(name: folder) { reading.next() }
        var session = try BuildSession(builder, plan, leaving: found.gone.map(\.id))
        let built: BuildReport
        if plan.isAdding || !found.files.isEmpty {
            built = try await session.run([(folder, .feed(feed))], progress, isCancelled)
        } else {
            throw ApusError.emptyCorpus(path: folder)
        }
        var report = SyncReport(found, folder, builder.folders, reading, built)
        report.seconds = seconds()
        return report
    }

    private static func snapshot(_ directory: String) throws -> IndexSnapshot? {
        try IndexSnapshot.generations(in: directory).isEmpty ? nil : try IndexSnapshot.open(directory)
    }

    private func compare(
        _ builder: IndexBuilder, _ snapshot: IndexSnapshot?, _ isCancelled: () -> Bool
    ) throws -> FolderComparison {
        let found = try FolderComparison(
            folder, builder.folders, formerly: formerly, snapshot, isCancelled: isCancelled)
        if found.indexed > 0, found.gone.count == found.indexed, !allowsEmpty {
            throw ApusError.everythingGone(folder: folder, index: builder.directory, documents: found.indexed)
        }
        return found
    }
}

extension FolderComparison {
    /// What is read: new files, then changed ones.
    var files: [FolderFile] { new + changed }
}

/// Reads the files that are new or changed; what cannot be read is remembered.
final class FolderReading {
    private let folder: DocumentFolder
    private var new: ArraySlice<FolderFile>
    private var changed: ArraySlice<FolderFile>
    /// New files that gave no document.
    private(set) var passedOver: [PassedOverFile] = []
    /// Changed files that gave none, so that the old one stays.
    private(set) var staying: [PassedOverFile] = []
    /// Files whose letters were guessed, in sentences.
    private(set) var guesses = FolderGuesses()

    init(_ comparison: FolderComparison) {
        folder = comparison.folder
        (new, changed) = (comparison.new[...], comparison.changed[...])
    }

    /// The next document, or nil at the end.
    func next() -> CorpusDocument? {
        while true {
            let isNew = !new.isEmpty
            guard let file = isNew ? new.popFirst() : changed.popFirst() else { return nil }
            do throws(FileFault) {
                var document = try folder.read(file, &guesses)
                document.path = folder.path + "/" + file.name
                return document
            } catch {
                let fault = PassedOverFile(name: file.name, fault: error)
                if isNew { passedOver.append(fault) } else { staying.append(fault) }
            }
        }
    }
}
