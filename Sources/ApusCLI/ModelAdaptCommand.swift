import Apus
import ApusReports
import ArgumentParser
import CorpusFormats
import Foundation
import LearnedEncoder

/// `apus model adapt`
struct ModelAdaptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapt",
        abstract: "Copy a model with the query table that a collection's documents suggest, if it is better.",
        discussion: """
            The inference-free query side looks up one weight a token. --idf mixes these weights with the tokens' idf in the \
            collection, log((N + 1) / (n + 0.5)) for a token in n of N documents; nothing is trained, and queries and \
            judgements are not read. A model without such a side gets one.

            Idf helps some collections and harms others. So a check comes first: up to 1,000 documents, drawn with a fixed \
            seed, give up to 300 questions (a title, a sentence, rare words of one), which their rest has to answer among all of \
            them. Half of the questions choose how much idf the table gets (1/4, 1/2, 3/4 or all); the new model is written \
            only if the other half confirms the choice by two standard errors. Otherwise nothing is written, which is no error. \
            --force writes the chosen table whatever the check says.

            Such questions are not people's, so the check is a guard and no proof; with judgements, measure. An index built with \
            the original model will do (documents' vectors are the same, hence --force):

              apus evaluate --index INDEX --collection COLLECTION --query-side inference-free
              apus evaluate --index INDEX --collection COLLECTION --query-side inference-free --model OUTPUT --force
            """)

    @Argument(help: "The model's folder, bundled or tiny.", completion: .directory)
    var model: String

    @Option(
        help: "Documents to count, in any form that 'apus index' reads; '-' for standard input.", completion: .file())
    var idf: String

    @Option(name: .shortAndLong, help: "The folder to make for the new model.", completion: .directory)
    var output: String

    @Option(help: "The idf's share of the new table, 0 to 1, instead of the check's choice.")
    var share: Double?

    @Flag(help: "Write the model whatever the check says.")
    var force = false

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard share.map((0...1).contains) ?? true else {
            throw ValidationError("'--share' must be between 0 and 1, not \(share ?? 0).")
        }
    }

    func run() throws {
        let choice = try ModelChoice.argument(model)
        var adaptation = ModelAdaptation(try ModelCommand.files(model), output: output)
        (adaptation.threads, adaptation.share, adaptation.force) = (threads, share, force)
        // As an index built with the model weights its queries.
        adaptation.idfPower = choice.isBundled ? Weighting.bundledIDFPower : 0
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
        for text in AdaptationText.lines(report) { try StandardOutput.printSummary(text) }
    }
}
