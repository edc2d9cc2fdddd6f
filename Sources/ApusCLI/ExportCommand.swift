import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Give back what an index holds.",
        discussion: """
            --texts writes a JSON line for each document, {"_id", "title", "text", …} with every other member that came in, byte \
            for byte as it was; 'apus index' reads it again.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Flag(help: "Documents as JSON lines.")
    var texts = false

    @Option(
        name: .shortAndLong, help: "The file to write, .gz for gzip; without it standard output.", completion: .file())
    var output: String?

    @Option(help: "Export the commit with this number.")
    var commit: Int?

    func validate() throws {
        guard texts else { throw ValidationError("Say what to export: --texts.") }
    }

    func run() throws {
        let opened = try SearchIndex(index, commit: commit)
        let file = try RunOutput(output, isRun: false)
        let count = try TextExport(of: opened).write { try file.line($0) }
        try file.close()
        if output != nil { Terminal.note("\(Format.count(count, "document")).") }
    }
}
