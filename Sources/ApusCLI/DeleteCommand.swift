import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus delete`
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete documents from an index.",
        discussion: """
            In one commit: who opens the index afterwards finds none of the documents, and every score is that of an index that \
            never held them. Ids that no document has are counted and said; with --strict the first is an error and nothing is \
            deleted. Their bytes go when segments are joined, by later changes or by 'apus merge'.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "Document ids.")
    var ids: [String] = []

    @Option(
        name: .customLong("ids"), help: "A file with one id on each line; '-' for standard input.", completion: .file())
    var list: String?

    @Option(help: "Delete the documents whose metadata fit: 'year < 2000 AND tags : \"draft\"'.")
    var filter: String?

    @Flag(help: "An id that no document has is an error.")
    var strict = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !ids.isEmpty || list != nil || filter != nil else {
            throw ValidationError("Name documents, a file of ids with --ids, or a --filter.")
        }
        do { _ = try filter.map { try Filter(parsing: $0) } } catch { throw ValidationError("\(error)") }
    }

    func run() async throws {
        var deletion = DocumentDeletion(of: try ids + (list.map { try IDList.read($0) } ?? []))
        deletion.isStrict = strict
        deletion.filter = try filter.map { try Filter(parsing: $0) }
        let report = try await deletion.run(index)
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if json { return try StandardOutput.printSummary(AnswerJSON.text(report)) }
        var text =
            "Deleted \(Format.count(report.deleted, "document")); '\(index)' now holds \(Format.count(report.documents))."
        if report.unknown > 0 {
            text += "\n\(Format.count(report.unknown, "id")) \(report.unknown == 1 ? "was" : "were") of no document."
        }
        try StandardOutput.printSummary(text)
    }
}
