import Apus
import ArgumentParser
import CorpusFormats
import Foundation
import InvertedIndex
import LearnedEncoder
import TextAnalysis

extension Analyzer.Name: ExpressibleByArgument {}
extension CorpusFormat: ExpressibleByArgument {}
extension IndexProfile: ExpressibleByArgument {}

/// `apus index`
struct IndexCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Build an index from documents, or add documents to one.",
        discussion: """
            Reads BEIR folders, JSON lines ({"_id" or "id", "title", "text" or "contents"}), MS MARCO TSV, TREC SGML and \
            folders of text files, each also as .gz; '-' is standard input. Without input it indexes the starter \
            collection inside the binary.

            Texts longer than the encoder reads are cut and counted. --passages splits them instead: into passages of N tokens, \
            encoded one by one and joined into one vector a document (titles are part of the text and stand in the first), so \
            searching costs no more. BM25 sees all of a text either way. An index remembers its passages. Splitting is for texts \
            whose answer may stand anywhere; abstracts rank worse split than cut (FileFormats in the documentation).

            The index is committed every minute. Ctrl-C (also SIGTERM, and SIGHUP of a closed terminal) keeps what was indexed so \
            far; run the same command with --resume to go on. --replace commits once, at its end.
            """)

    @Argument(help: "Files or folders with documents; '-' for standard input.", completion: .file())
    var input: [String] = []

    @Option(name: .shortAndLong, help: "The index directory.", completion: .directory)
    var output: String?

    @Option(help: "The encoder: a Hugging Face folder, bundled, or none for BM25 alone.", completion: .directory)
    var model: String?

    @Flag(help: "The input is vectors: {\"id\", \"contents\"?, \"vector\": {term: weight}} on each line.")
    var vectors = false

    @Option(
        help: """
            Word analysis: english (stop words, Porter stems), german or french (Snowball's stop words and stems), or unicode (any \
            language, no stemming).
            """)
    var analyzer: Analyzer.Name?

    @Option(help: "Tokens that the encoder reads at once; without --passages the rest is cut (BM25 sees all of it).")
    var maxLength: Int?

    @OptionGroup var long: PassageFlags

    @Option(help: "The encoder's arithmetic: automatic (int8 for packed models, else f32), f32, bf16 or int8.")
    var precision: Precision?

    @Option(help: "The input's format, when it cannot be told from its name and first bytes.")
    var format: CorpusFormat?

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @OptionGroup(title: "Static pruning") var pruning: PruningFlags

    @Option(help: "standard, or compact: 5-bit learned impacts, about half the size, coarser scores.")
    var profile: IndexProfile?

    @Option(
        help: "Metadata fields, comma-separated, that --filter finds without reading every document: year,lang.")
    var filterable: String?

    @Flag(help: "Keep the documents in the order read; without it similar ones become neighbours, for speed and size.")
    var keepOrder = false

    @Flag(help: "Add documents to an index; a known id is an error.")
    var append = false

    @Flag(help: "Add documents to an index; known ids are skipped.")
    var resume = false

    @Flag(help: "Build an existing index anew; the old one answers until the new one is whole.")
    var replace = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard maxLength.map({ $0 >= 8 }) ?? true else { throw ValidationError("'--max-length' must be at least 8.") }
        guard [append, resume, replace].count(where: { $0 }) <= 1 else {
            throw ValidationError("Choose one of --append, --resume and --replace.")
        }
        guard !vectors || (model == nil && !input.isEmpty) else {
            throw ValidationError("'--vectors' needs input files and takes no --model.")
        }
        guard long.passages == nil || !(vectors || model == "none") else {
            throw ValidationError("'--passages' needs a model to encode them.")
        }
        do { _ = try filterable.map { try MetadataPath.list(parsing: $0) } } catch { throw ValidationError("\(error)") }
        _ = try model.map { try ModelChoice.argument($0, allowsNone: true) }
        guard output != nil || input.isEmpty else { throw ValidationError("Name the index with --output DIRECTORY.") }
    }

    /// What the flags ask for.
    func builder() throws -> IndexBuilder {
        var builder = IndexBuilder(directory: output ?? "Indexes/starter")
        builder.importsVectors = vectors
        builder.filterable = try filterable.map { try MetadataPath.list(parsing: $0) }
        builder.pruning = pruning.rules
        builder.profile = profile
        builder.passages = long.split
        builder.reorders = !keepOrder
        builder.existing = append ? .append : resume ? .resume : replace ? .replace : .refuse
        builder.model = try model.map { try ModelChoice.argument($0, allowsNone: true) }
        builder.analyzer = analyzer
        builder.maximumLength = maxLength
        builder.precision = precision
        builder.format = format
        builder.threads = threads
        return builder
    }

    func run() async throws {
        let builder = try builder()
        let directory = builder.directory
        Signals.catchInterruption()
        let starter = input.isEmpty ? try StarterCollection.unpack() : nil
        defer { starter?.remove() }
        let line = ProgressLine()
        defer { Terminal.endProgress() }
        let report = try await builder.build(
            from: starter.map { [$0.path] } ?? input, progress: { Terminal.progress(line.text($0)) },
            isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        for note in report.notes { Terminal.note("note: \(note)") }
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if json {
            try StandardOutput.printSummary(Format.json(report))
        } else {
            try StandardOutput.printSummary(summary(report, directory))
        }
        if report.interrupted { throw ExitCode(Signals.exitCode) }
    }

    private func summary(_ report: BuildReport, _ directory: String) -> String {
        if report.interrupted, replace {
            return "Interrupted; '\(directory)' is as it was before."
        }
        let rate = report.seconds > 0 ? Double(report.added) / report.seconds : 0
        var text =
            "\(report.interrupted ? "Interrupted after" : "Indexed") \(Format.count(report.added)) documents "
            + "in \(Format.decimals(report.seconds, 1)) s (\(Format.rate(rate))/s); "
            + "'\(directory)' now holds \(Format.count(report.documents))."
        if report.skipped > 0 { text += "\n\(Format.count(report.skipped)) were there already and were skipped." }
        if report.empty > 0 {
            text += "\n\(Format.count(report.empty)) have nothing to be found by: no word and no term."
        }
        if report.split > 0 {
            text += "\n\(Format.count(report.split)) are longer than a passage and were split into "
            text += "\(Format.count(report.passages)) passages."
        }
        if report.truncated > 0 {
            text += "\n\(Format.count(report.truncated)) are longer than the encoder reads; "
            text += "the learned field holds their beginnings, BM25 all of them."
        }
        if report.clipped > 0, report.split > 0 {
            text +=
                "\n\(Format.count(report.clipped)) learned weights are larger than the largest impact and were clipped."
        }
        if report.interrupted { text += "\nRun the same command with --resume to go on." }
        return text
    }
}
