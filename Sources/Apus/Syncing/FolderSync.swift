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
        var reading = FolderReading(found)
        let hasNothing = { (found: FolderComparison, reading: FolderReading) in
            found.gone.isEmpty && snapshot != nil && !reading.hasNext
        }
        if isDryRun || isCancelled() || hasNothing(found, reading) {
            var report = SyncReport(
                found, folder, builder.folders, isDryRun ? nil : reading, snapshot, dryRun: isDryRun)
            report.interrupted = isCancelled()
            report.seconds = seconds()
            return report
        }
        let plan = try BuildPlan(builder)
        // Another writer may have been faster; under the lock there is none.
        let current = try Self.snapshot(builder.directory)
        if current?.generation ?? 0 != found.generation {
            found = try compare(builder, current, isCancelled)
            reading = FolderReading(found)
        }
        // A commit that is held would outlive those that follow.
        snapshot = nil
        let files = reading
        let feed = DocumentFeed(name: folder) { files.next() }
        var session = try BuildSession(builder, plan, leaving: plan.isAdding ? found.gone.map(\.id) : nil)
        let built: BuildReport
        do {
            built = try await session.run([(folder, .feed(feed))], progress, isCancelled)
        } catch var error as PartlyBuilt {
            error.remedy = "the same command goes on"
            throw error
        }
        var report = SyncReport(found, folder, builder.folders, files, built)
        report.seconds = seconds()
        return report
    }

    private static func snapshot(_ directory: String) throws -> IndexSnapshot? {
        do throws(IndexError) {
            return try IndexSnapshot.generations(in: directory).isEmpty ? nil : try IndexSnapshot.open(directory)
        } catch {
            if case .notAnIndex = error { return nil }
            throw error
        }
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

    /// What was read before it was asked for.
    private var waiting: CorpusDocument?

    init(_ comparison: FolderComparison) {
        folder = comparison.folder
        (new, changed) = (comparison.new[...], comparison.changed[...])
    }

    /// Whether there is another document, which is then read.
    var hasNext: Bool {
        if waiting == nil { waiting = next() }
        return waiting != nil
    }

    /// The next document, or nil at the end.
    func next() -> CorpusDocument? {
        if let document = waiting {
            waiting = nil
            return document
        }
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
