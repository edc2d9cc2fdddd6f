import Apus
import ApusReports
public import ArgumentParser
public import CorpusFormats
import Foundation
public import InvertedIndex
import LearnedEncoder
public import TextAnalysis

extension Analyzer.Name: ExpressibleByArgument {}
extension Field: ExpressibleByArgument {}
extension CorpusFormat: ExpressibleByArgument {}
extension IndexProfile: ExpressibleByArgument {}

/// What `apus index`, `apus add`, `apus update` and `apus sync` take: how documents are read and become part of an index.
struct BuildFlags: ParsableArguments {
    @Option(help: "The encoder: a Hugging Face folder, bundled, tiny, or none for BM25 alone.", completion: .directory)
    var model: String?

    @Flag(
        help: """
            The input is vectors: {"id", "contents"?, "vector": {term: weight}} on each line, or a scipy matrix (.npz), or MessagePack.
            """)
    var vectors = false

    @Option(
        help: "Names of terms that --vectors tells by numbers: one on each line, a JSON list, or {name: number}.",
        completion: .file())
    var vocabulary: String?

    @Option(name: .customLong("ids"), help: "Ids of a matrix's rows, one on each line.", completion: .file())
    var rowIDs: String?

    @Option(
        help: """
            Word analysis: english (stop words, Porter stems), german or french (Snowball's stop words and stems), or unicode (any \
            language, no stemming).
            """)
    var analyzer: Analyzer.Name?

    @Option(help: "Tokens that the encoder reads at once; without --passages the rest is cut (BM25 sees all of it).")
    var maxLength: Int?

    @Option(help: "The encoder's arithmetic: automatic (int8 for packed models, else f32), f32, bf16 or int8.")
    var precision: Precision?

    @Option(help: "The input's format, when it cannot be told from its name and first bytes.")
    var format: CorpusFormat?

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(
        help: """
            Memory that the build may take beside the model: 128MB, 512MB, 2GB, …; 1GB unless given, which is enough to join ten \
            million short documents into one segment.
            """,
        transform: MemorySize.parse)
    var memory = MemorySize(bytes: IndexBuilder(directory: "").memory)

    @Option(help: "standard, or compact: 5-bit learned impacts, about half the size, coarser scores.")
    var profile: IndexProfile?

    @Flag(
        help: "Store learned vectors beside the posting lists too, for faster --feedback; 'apus stats' says their size."
    )
    var storeVectors = false

    @Option(
        help: "Metadata fields, comma-separated, that --filter finds without reading every document: year,lang.")
    var filterable: String?

    @Flag(help: "Keep the documents in the order read; without it similar ones become neighbours, for speed and size.")
    var keepOrder = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        guard maxLength.map({ $0 >= 8 }) ?? true else { throw ValidationError("'--max-length' must be at least 8.") }
        guard !vectors || model == nil else { throw ValidationError("'--vectors' takes no --model.") }
        guard vectors || (vocabulary == nil && rowIDs == nil) else {
            throw ValidationError("'--vocabulary' and '--ids' are of '--vectors'.")
        }
        guard model != "none" || !storeVectors else {
            throw ValidationError("'--store-vectors' stores learned terms; '--model none' has none.")
        }
        do { _ = try filterable.map { try MetadataPath.list(parsing: $0) } } catch {
            throw ValidationError("\(error)")
        }
        _ = try model.map { try ModelChoice.argument($0, allowsNone: true) }
    }

    /// What these flags say of others.
    func validate(_ long: PassageFlags, _ weighting: WeightingFlags) throws {
        guard long.passages == nil || !(vectors || model == "none") else {
            throw ValidationError("'--passages' needs a model to encode them.")
        }
        let isWeighted =
            weighting.idfPower != nil || weighting.normPower != nil || weighting.learnedScale != nil
            || weighting.meanNorm != nil || weighting.titleBoost != nil
        guard model != "none" || !isWeighted else {
            throw ValidationError(
                "'--idf-power', '--norm-power', '--title-boost', '--learned-scale' and '--mean-norm' weight learned "
                    + "terms; '--model none' has none."
            )
        }
        guard !vectors || weighting.titleBoost == nil else {
            throw ValidationError("'--title-boost' is for a model's vectors; those of '--vectors' stay as they are.")
        }
    }

    /// What the flags ask for.
    func builder(_ directory: String) throws -> IndexBuilder {
        var builder = IndexBuilder(directory: directory)
        builder.importsVectors = vectors
        builder.vocabulary = try vocabulary.map { try VectorVocabulary(path: $0) }
        builder.rowIDs = try rowIDs.map { try IDList.read($0) }
        builder.filterable = try filterable.map { try MetadataPath.list(parsing: $0) }
        builder.profile = profile
        builder.storesVectors = storeVectors ? true : nil
        builder.reorders = !keepOrder
        builder.model = try model.map { try ModelChoice.argument($0, allowsNone: true) }
        builder.analyzer = analyzer
        builder.maximumLength = maxLength
        builder.precision = precision
        builder.format = format
        builder.threads = threads
        builder.memory = memory.bytes
        return builder
    }

    /// Builds, with progress and a summary.
    func run(_ builder: IndexBuilder, _ input: [String]) async throws {
        Signals.catchInterruption()
        let line = ProgressLine()
        defer { Terminal.endProgress() }
        let report = try await builder.build(
            from: input, progress: { Terminal.progress(line.text($0)) }, isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        for note in report.notes { Terminal.note("note: \(note)") }
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if json {
            try StandardOutput.printSummary(AnswerJSON.text(report))
        } else {
            try StandardOutput.printSummary(BuildSummary(report, builder).text)
        }
        if report.interrupted { throw ExitCode(Signals.exitCode) }
    }
}

/// A verb that builds; it asks for its memory before there are threads.
///
/// Its groups of flags stand side by side: in debug builds a group within a group is checked twenty times at every start.
protocol BuildingCommand: SendableMetatype {
    var folders: FolderFlags { get }
    var build: BuildFlags { get }
    var long: PassageFlags { get }
    var pruning: PruningFlags { get }
    var weighting: WeightingFlags { get }
    func builder() throws -> IndexBuilder
}

extension BuildingCommand {
    /// What the flags of all groups ask for.
    func builder(_ directory: String) throws -> IndexBuilder {
        var builder = try build.builder(directory)
        builder.folders = folders.options
        builder.pruning = pruning.rules
        (builder.idfPower, builder.normPower) = (weighting.idfPower, weighting.normPower)
        (builder.learnedScale, builder.meanNorm) = (weighting.learnedScale, weighting.meanNorm)
        (builder.k1, builder.b) = (weighting.bm25K1, weighting.bm25B)
        (builder.titleWeight, builder.titleBoost) = (weighting.titleWeight, weighting.titleBoost)
        builder.passages = long.split
        return builder
    }
}
