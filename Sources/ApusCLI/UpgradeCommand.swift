import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus upgrade`
struct UpgradeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Convert an index of the format before this version's.",
        discussion: """
            Writes the index anew beside itself and switches over in one commit: scores, order and texts stay, and an interruption \
            leaves the old index. Needs about as much free space as the index takes.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard let report = try IndexUpgrade.run(index) else {
            Terminal.note("note: '\(index)' has this version's format already.")
            return
        }
        if let warning = report.warning { Terminal.note("warning: \(warning)") }
        try StandardOutput.print(
            json
                ? AnswerJSON.text(report)
                : "Converted '\(index)': \(Format.count(report.documents, "document")), commit \(report.commit).")
    }
}
