import Apus
import ApusExchange
import ApusReports
import ArgumentParser
import CorpusFormats
import InvertedIndex

/// `apus export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Give back what an index holds.",
        discussion: """
            --texts writes a JSON line for each document, {"_id", "title", "text", …} with every other member that came in, byte \
            for byte as it was; 'apus index' reads it again.

            --format ciff writes one field in the Common Index File Format, which PISA, BMP and 'apus import' read: --field text with \
            term frequencies, --field learned with impacts.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Flag(help: "Documents as JSON lines.")
    var texts = false

    @Option(help: "What another engine reads: ciff.")
    var format: String?

    @Option(help: "The field of --format ciff: text or learned; without it learned where there is one.")
    var field: Field?

    @Option(
        name: .shortAndLong, help: "The file to write, .gz for gzip; without it standard output.", completion: .file())
    var output: String?

    @Option(help: "Export the commit with this number.")
    var commit: Int?

    func validate() throws {
        guard texts != (format != nil) else {
            throw ValidationError("Say what to export: --texts or --format.")
        }
        guard format == nil || format == "ciff" else {
            throw ValidationError("'--format \(format ?? "")' is unknown; it is ciff.")
        }
    }

    func run() throws {
        let opened = try SearchIndex(index, commit: commit)
        if format != nil {
            let field = field ?? (opened.hasLearned ? .learned : .text)
            let report = try CIFFExport(of: opened, field: field).write(to: output ?? "-")
            Terminal.note(
                "\(Format.count(report.documents, "document")), \(Format.count(report.lists)) \(report.field) terms, "
                    + "\(Format.count(report.postings)) postings.")
            if report.isRescaled {
                Terminal.note("note: segments had scales of their own; impacts were brought to \(report.scale ?? 1).")
            }
            return
        }
        let file = try RunOutput(output, isRun: false)
        let count = try TextExport(of: opened).write { try file.line($0) }
        try file.close()
        if output != nil { Terminal.note("\(Format.count(count, "document")).") }
    }
}
