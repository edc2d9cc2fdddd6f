import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import Foundation
import LearnedEncoder

/// `apus model adapt`
struct ModelAdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt", abstract: "Copy a model with the query table that a collection's documents suggest.",
        discussion: """
            The inference-free query side looks up one weight a token. --idf replaces these weights by the tokens' idf in the \
            collection, log((N + 1) / (n + 0.5)) for a token in n of N documents; nothing is trained, and queries and \
            judgements are not read. A model without such a side gets one.

            This is not safe in general: with the bundled model it took nDCG@10 of this side from .708 to .723 on scifact's \
            training queries, and from .745 to .710 on med. So measure it before use; an index built with the original model \
            will do (documents' vectors are the same, hence --force):

              apus evaluate --index INDEX --collection COLLECTION --query-side inference-free
              apus evaluate --index INDEX --collection COLLECTION --query-side inference-free --model OUTPUT --force

            An index built with the bundled model weights queries by idf itself (--idf-power 0.5); with this table that counts it \
            twice, so measure --idf-power 0 too.
            """)

    @Argument(help: "The model's folder, or bundled.", completion: .directory)
    var model: String

    @Option(
        help: "Documents to count, in any form that 'apus index' reads; '-' for standard input.", completion: .file())
    var idf: String

    @Option(name: .shortAndLong, help: "The folder to make for the new model.", completion: .directory)
    var output: String

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
    }

    func run() throws {
        var adaptation = ModelAdaptation(try ModelCommand.files(model), output: output)
        adaptation.threads = threads
        Signals.catchInterruption()
        let line = ProgressLine()
        defer { Terminal.endProgress() }
        let report = try adaptation.run(
            idf: idf, progress: { Terminal.progress(line.text($0)) }, isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        guard let report else {
            Terminal.note("Interrupted; nothing was written.")
            throw ExitCode(Signals.exitCode)
        }
        if json {
            try StandardOutput.printSummary(AnswerJSON.text(report))
            return
        }
        try StandardOutput.printSummary(
            "'\(report.model)' \(report.isFirstTable ? "has a first" : "has a new") query table: the idf of "
                + "\(Format.count(report.tokens, "token")) in \(Format.count(report.documents, "document")).")
        Terminal.note(
            "note: it can rank worse than the model's own table; compare the two with 'apus evaluate … --query-side "
                + "inference-free' (see 'apus model adapt --help').")
    }
}
