import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import InvertedIndex

/// `apus check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare every byte of an index with its checksums.",
        discussion: """
            Reads the newest commit and the one before it that is kept: segments page by page, texts as a whole. Names the first \
            file that is damaged, and the place in it, and exits with 1.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Check only the commit with this number.")
    var commit: Int?

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let opened = try SearchIndex(index, commit: commit)
        for note in opened.notes { Terminal.note("note: \(note)") }
        let newest = opened.snapshot
        try opened.verify()
        let older = try commit == nil ? IndexSnapshot.generations(in: index).filter { $0 < newest.generation } : []
        for generation in older {
            do { try SearchIndex(index, commit: generation).verify() } catch let error as IndexError {
                // A writer may have removed it meanwhile.
                guard case .noCommit = error else { throw error }
            }
        }
        if json {
            try StandardOutput.print(
                AnswerJSON.text(CheckDocument(opened)))
            return
        }
        var line = "'\(index)' is whole: \(Format.count(newest.documentCount)) documents, commit \(newest.generation)"
        if !older.isEmpty { line += ", and before it \(older.map(String.init).joined(separator: ", "))" }
        try StandardOutput.print(line + ".")
    }
}
