import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus sync`
struct SyncCommand: AsyncParsableCommand, BuildingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync", abstract: "Make an index hold what a folder holds: new, changed and deleted files.",
        discussion: """
            For an index that 'apus index FOLDER' made, or a new one. Files whose size and time are as they were are not read; those \
            whose bytes changed take the places of their documents, new ones come in, and documents whose files are gone leave, all \
            in one commit (of a long sync what came so far is committed every minute). Documents that came from elsewhere are not \
            touched. A file that cannot be read now keeps its document, and is named.

            What is indexed is kept up to date whatever the flags say; they say which new files come in.
            """)

    @Argument(help: "The folder.", completion: .directory)
    var folder: String

    @Argument(help: "The index directory; it is made where there is none.", completion: .directory)
    var index: String

    @Flag(help: "Write nothing; list what would come in (+), change (~) and leave (-).")
    var dryRun = false

    @Flag(help: "Go on when nothing that is indexed of the folder is there any more, and delete all of it.")
    var allowEmpty = false

    @Option(
        help: "The full path that the folder had when it was indexed, if it has moved; its documents are written anew.")
    var movedFrom: String?

    @OptionGroup(title: "Folders") var folders: FolderFlags
    @OptionGroup var build: BuildFlags
    @OptionGroup var long: PassageFlags
    @OptionGroup(title: "Static pruning") var pruning: PruningFlags
    @OptionGroup(title: "Weighting") var weighting: WeightingFlags

    func validate() throws {
        try build.validate(long, weighting)
        guard !build.vectors, build.format == nil else {
            throw ValidationError("'apus sync' reads a folder of documents, no '--vectors' and no other '--format'.")
        }
    }

    /// What the flags ask for.
    func builder() throws -> IndexBuilder { try builder(index) }

    func run() async throws {
        Signals.catchInterruption()
        let line = ProgressLine()
        defer { Terminal.endProgress() }
        var sync = FolderSync(folder, into: try builder())
        (sync.isDryRun, sync.allowsEmpty, sync.formerly) = (dryRun, allowEmpty, movedFrom)
        let report = try await sync.run(
            progress: { Terminal.progress(line.text($0)) }, isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        for note in report.notes { Terminal.note("note: \(note)") }
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        try StandardOutput.printSummary(
            build.json ? AnswerJSON.text(report) : SyncSummary(report, folder: folder, index: index).text)
        if report.interrupted { throw ExitCode(Signals.exitCode) }
    }
}
