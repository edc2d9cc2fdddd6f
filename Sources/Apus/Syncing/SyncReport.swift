public import CorpusFormats
import InvertedIndex

/// What a sync did, or would do.
public struct SyncReport: Sendable, Codable {
    /// Documents of new files.
    public var added = 0
    /// Documents that took the place of those that their files had.
    public var changed = 0
    /// Documents whose files are gone.
    public var deleted = 0
    /// Files as they were.
    public var unchanged = 0
    /// Those of them whose size or time changed, so that they were read to know it.
    public var reread = 0
    /// Indexed files that cannot be read now; their documents stay as they were.
    public var staying: [PassedOverFile] = []
    /// Files that could not be read and have no document.
    public var passedOver: [PassedOverFile] = []
    /// What the folder holds that is not read, most first.
    public var leftOut: [LeftOutFiles] = []
    /// Documents in the index now.
    public var documents = 0
    /// The number of the newest commit; 0 where there is none.
    public var commit = 0
    /// Segments of the index now.
    public var segments = 0
    /// Documents longer than the encoder reads.
    public var truncated = 0
    /// Documents that have neither title nor text.
    public var empty = 0
    /// What a person should know although it was done, as sentences.
    public var warnings: [String] = []
    /// What was passed over, a sentence each.
    public var notes: [String] = []
    /// Seconds of wall time.
    public var seconds = 0.0
    /// Whether it was stopped before its end; what was done is kept.
    public var interrupted = false
    /// Whether nothing was written.
    public var dryRun = false
    /// Without a change: the files that would come in, change and leave.
    public var wouldAdd: [String]?
    /// As ``wouldAdd``.
    public var wouldChange: [String]?
    /// As ``wouldAdd``.
    public var wouldDelete: [String]?

    private init(_ found: FolderComparison, _ folder: String, _ options: FolderOptions, passed: [PassedOverFile]) {
        unchanged = found.unchanged
        reread = found.reread
        staying = found.staying
        leftOut = found.folder.leftOut
        passedOver = found.folder.unlisted + found.taken + passed
    }

    private mutating func describe(_ folder: String, _ options: FolderOptions, _ guesses: FolderGuesses) {
        notes = FolderNotes(folder, options).all(
            leftOut: leftOut, passedOver: passedOver, staying: staying, guesses: guesses)
    }

    /// Of a sync that writes nothing.
    init(
        _ found: FolderComparison, _ folder: String, _ options: FolderOptions, _ reading: FolderReading?,
        _ snapshot: IndexSnapshot?, dryRun: Bool
    ) {
        self.init(found, folder, options, passed: reading?.passedOver ?? [])
        staying += reading?.staying ?? []
        documents = snapshot?.documentCount ?? 0
        commit = snapshot?.generation ?? 0
        segments = snapshot?.segmentCount ?? 0
        self.dryRun = dryRun
        if dryRun {
            (added, changed, deleted) = (found.new.count, found.changed.count, found.gone.count)
            wouldAdd = found.new.map(\.name)
            wouldChange = found.changed.map(\.name)
            wouldDelete = found.gone.map(\.name)
        }
        describe(folder, options, FolderGuesses())
    }

    /// Of one that wrote.
    init(
        _ found: FolderComparison, _ folder: String, _ options: FolderOptions, _ reading: FolderReading,
        _ built: BuildReport
    ) {
        self.init(found, folder, options, passed: reading.passedOver)
        staying += reading.staying
        (added, changed, deleted) = (built.added, built.replaced, built.deleted)
        (documents, commit, segments) = (built.documents, built.commit, built.segments)
        (truncated, empty, interrupted) = (built.truncated, built.empty, built.interrupted)
        warnings = built.warnings
        describe(folder, options, reading.guesses)
        notes += built.notes
    }
}
