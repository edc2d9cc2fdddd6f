import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import InvertedIndex

/// `apus backup`
struct BackupCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Make another index of the newest commit, while writers and readers go on.",
        discussion: """
            Files are written once and never changed, so the backup shares them by hard links where it can: it takes no time and \
            no room, and keeps what later changes of the index remove. --copy copies every byte, compares it with its checksum, \
            and survives a damaged disk. The backup is an index like any other.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "The backup's directory: not there yet, or empty.", completion: .directory)
    var directory: String

    @Flag(help: "Copy every file and compare the copy with its checksums.")
    var copy = false

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let snapshot = try IndexSnapshot.open(index)
        let backup = try snapshot.backup(to: directory, copies: copy)
        for warning in backup.warnings { Terminal.note("warning: \(warning)") }
        if json { return try StandardOutput.printSummary(AnswerJSON.text(backup)) }
        let copied = backup.files - backup.linked
        try StandardOutput.printSummary(
            "'\(directory)' holds commit \(snapshot.generation) of '\(index)': \(Format.count(snapshot.documentCount, "document")), "
                + "\(Format.bytes(backup.bytes)); \(Format.count(backup.linked, "file")) linked, \(copied) copied.")
    }
}
