import Apus
import ApusExchange
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex
import LearnedEncoder

/// What `apus export --format` takes.
enum ExportFormat: Equatable, ExpressibleByArgument {
    case ciff
    case receiver(VectorExport.Target)

    init?(argument: String) {
        if argument == "ciff" {
            self = .ciff
        } else if let target = VectorExport.Target(rawValue: argument) {
            self = .receiver(target)
        } else {
            return nil
        }
    }

    static var allValueStrings: [String] { (VectorExport.Target.allCases.map(\.rawValue) + ["ciff"]).sorted() }
}

/// `apus export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Give back what an index holds, or give it to another engine.",
        discussion: """
            --texts writes a JSON line for each document, {"_id", "title", "text", …} with every other member that came in, byte \
            for byte as it was; 'apus index' reads it again.

            --format ciff writes one field in the Common Index File Format, which PISA, BMP and 'apus import' read: --field text with \
            term frequencies, --field learned with impacts.

            Every other --format writes the learned field, with titles, texts and metadata, into a folder that the engine reads: \
            documents in parts, settings, ready queries, a manifest.json, and golden.jsonl, 20 queries with the answers that the engine \
            has to give. They are made of documents, or of --topics or --query-vectors. Interrupted, the same command goes on where it \
            was. Scripts/exchange/check loads a folder into its engine and compares (Exchange in the documentation).
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Flag(help: "Documents as JSON lines.")
    var texts = false

    @Option(help: "The engine, or ciff.")
    var format: ExportFormat?

    @Option(help: "The field of --format ciff: text or learned; without it learned where there is one.")
    var field: Field?

    @Flag(help: "Leave titles, texts and metadata out.")
    var withoutTexts = false

    @Option(help: "Topics whose first 20 become the golden queries.", completion: .file())
    var topics: String?

    @Option(help: "The same with queries that were encoded elsewhere.", completion: .file())
    var queryVectors: String?

    @Option(
        name: .shortAndLong,
        help: "The file to write, .gz for gzip (--texts and ciff; without it standard output), or the engine's folder.",
        completion: .file())
    var output: String?

    @Option(help: "Export the commit with this number.")
    var commit: Int?

    @Option(help: "The model's folder, when it moved.", completion: .directory)
    var model: String?

    func validate() throws {
        guard texts != (format != nil) else { throw ValidationError("Say what to export: --texts or --format.") }
        guard field == nil || format == .ciff else { throw ValidationError("'--field' is for '--format ciff'.") }
        let isFolder = format != nil && format != .ciff
        guard isFolder || (!withoutTexts && topics == nil && queryVectors == nil) else {
            throw ValidationError("'--without-texts', '--topics' and '--query-vectors' are for an engine's folder.")
        }
        guard topics == nil || queryVectors == nil else {
            throw ValidationError("Give '--topics' or '--query-vectors', not both.")
        }
        guard !isFolder || output != nil else { throw ValidationError("Name the folder with --output DIRECTORY.") }
    }

    func run() throws {
        let opened = try SearchIndex(index, commit: commit, model: try model.map { try ModelChoice.argument($0) })
        switch format {
        case nil: try exportTexts(opened)
        case .ciff: try exportCIFF(opened)
        case .receiver(let target): try export(opened, for: target, to: output ?? ".")
        }
    }

    private func exportTexts(_ opened: SearchIndex) throws {
        let file = try RunOutput(output, isRun: false)
        let count = try TextExport(of: opened).write { try file.line($0) }
        try file.close()
        if output != nil { Terminal.note("\(Format.count(count, "document")).") }
    }

    private func exportCIFF(_ opened: SearchIndex) throws {
        let field = field ?? (opened.hasLearned ? .learned : .text)
        let report = try CIFFExport(of: opened, field: field).write(to: output ?? "-")
        Terminal.note(
            "\(Format.count(report.documents, "document")), \(Format.count(report.lists)) \(report.field) terms, "
                + "\(Format.count(report.postings)) postings.")
        if report.isRescaled { noteScale(report.scale ?? 1) }
        if field == .learned { notePassages(opened) }
    }

    private func export(_ opened: SearchIndex, for target: VectorExport.Target, to directory: String) throws {
        var task = VectorExport(of: opened, for: target)
        task.hasTexts = !withoutTexts
        task.topics = try goldenTopics(opened)
        Signals.catchInterruption()
        defer { Terminal.endProgress() }
        let total = opened.snapshot.documentCount
        let report = try task.write(
            to: directory,
            progress: { Terminal.progress("\(Format.count($0)) of \(Format.count(total, "document"))") },
            isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        guard let report else {
            Terminal.note("Interrupted; the same command goes on.")
            throw ExitCode(Signals.exitCode)
        }
        if report.isRescaled { noteScale(nil) }
        notePassages(opened)
        if !report.isRescaled, !opened.snapshot.hasPassages, report.answeredAlike < report.goldenQueries {
            Terminal.note(
                "warning: a search answers \(report.goldenQueries - report.answeredAlike) golden queries in another way than the lists "
                    + "add up to; 'apus check --deep \(index)' says more.")
        }
        try StandardOutput.printSummary(
            "\(Format.count(report.documents, "document")), \(Format.count(report.postings)) postings in '\(directory)'"
                + (report.kept > 0 ? ", \(report.kept) of \(report.parts) files were there" : "")
                + "; \(report.goldenQueries) golden queries.")
    }

    private func notePassages(_ opened: SearchIndex) {
        guard opened.snapshot.hasPassages else { return }
        Terminal.note(
            "note: a document of several passages is exported as one vector, the largest weights of all of them; a search here ranks "
                + "it by its best passage.")
    }

    private func noteScale(_ scale: Float?) {
        Terminal.note(
            "note: segments had learned scales of their own; impacts were brought to the smallest"
                + (scale.map { ", \($0)" } ?? "") + ".")
    }

    private func goldenTopics(_ opened: SearchIndex) throws -> [(id: String, query: Query)]? {
        if let queryVectors {
            let vectors = try QueryVectors.read(queryVectors)
            return vectors.topics.map { topic in
                let terms = vectors.terms[ByteString(topic.id)] ?? []
                return (topic.id, Query(field: .learned, terms: terms, idfPower: opened.settings.idfPower))
            }
        }
        guard let topics else { return nil }
        guard let encoder = try opened.encoder() else { throw ApusError.noLearnedQueries(index: index) }
        return try Topics.read(topics).prefix(VectorExport.goldenQueries).map { topic in
            (topic.id, try opened.learnedQuery(topic.text, encoder, encoder.description.defaultQuerySide).query)
        }
    }
}
