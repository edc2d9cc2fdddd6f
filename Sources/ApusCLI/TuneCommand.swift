import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import RetrievalEvaluation

/// `apus tune`
struct TuneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Measure on your queries what approximation costs, or with --fusion how hybrid lists are best fused.",
        discussion: """
            Exact search is the base. Against it stand --query-terms N (only the heaviest terms of a query), --ranges N (at \
            most N ranges of 32 documents are scored, best bounds first), the same chosen by fewer terms (--range-terms), and \
            pairs with --query-terms where cutting terms alone is good enough. For each: recall@k (the \
            share of the exact best documents that was found; one that ties with the last of them counts), milliseconds of \
            thread CPU time per query without encoding, the share of queries whose hits are proved exact, and with --qrels \
            the change of nDCG@10. Then the flags to use.

            With --fusion it learns from judged queries (--topics and --qrels) the normalisation of scores, the weight, BM25's k1 and \
            b, and the power of idf, and makes them the index's own in a commit: hybrid searches that ask for nothing else use them, \
            and BM25 alone and learned queries use their share. What to expect is estimated by cross-validation on queries that had \
            no part in the choice; a choice that is no better there than what the index does is not stored. --dry-run stores \
            nothing. With --filter queries are answered among the documents that match.

            Ctrl-C prints what was measured so far.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics: TSV, queries.jsonl, TREC topics (also XML); '-' for standard input.", completion: .file())
    var topics: String?

    @Option(
        help: "Learned queries computed elsewhere, {\"id\", \"vector\": {term: weight}}, with --topics or alone.",
        completion: .file())
    var queryVectors: String?

    @Option(help: "Judgements, for the change of nDCG@10.", completion: .file())
    var qrels: String?

    @Option(help: "The recall wanted, 0 to 1.")
    var recall = 0.99

    @Option(help: "splade, or fused; with --fusion it is hybrid.")
    var mode: SearchMode?

    @Option(name: [.customShort("k"), .long], help: "Documents per query.")
    var hits = 10

    @Option(help: "Use only the first N topics.")
    var limit: Int?

    @Option(help: "How often each topic is timed with each setting.")
    var rounds = 3

    @Flag(help: "Learn how hybrid lists are fused, and store it in the index.")
    var fusion = false

    @Flag(help: "With --fusion: store nothing.")
    var dryRun = false

    @Option(help: "With --fusion: what is maximised.")
    var measure = "nDCG@10"

    @Option(help: "With --fusion: how many parts the queries are dealt out to.")
    var folds = 5

    @Option(help: "With --fusion: which query is in which part follows from it.")
    var seed: UInt64 = 42

    @Option(name: .shortAndLong, help: "With --fusion: threads.")
    var threads = 1

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var flags: RankingFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        guard topics != nil || queryVectors != nil else {
            throw ValidationError("Give --topics FILE, --query-vectors FILE, or both.")
        }
        guard limit.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--limit' must be at least 1, not \(limit ?? 0).")
        }
        if fusion { try validateFusion() } else { try validateApproximation() }
    }

    private func validateApproximation() throws {
        let mode = mode ?? .splade
        guard mode.isOneTraversal else {
            throw ValidationError("'--mode' takes splade or fused here, not '\(mode.rawValue)'.")
        }
        guard mode == .splade || topics != nil else { throw ValidationError("'--mode fused' needs --topics FILE.") }
        guard (0...1).contains(recall) else {
            throw ValidationError("'--recall' must be between 0 and 1, not \(recall).")
        }
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard rounds > 0 else { throw ValidationError("'--rounds' must be at least 1, not \(rounds).") }
        guard !dryRun else { throw ValidationError("'--dry-run' goes with --fusion; nothing else is stored.") }
        guard flags.filter == nil, flags.boost.isEmpty else {
            throw ValidationError(
                "'--filter' and '--boost' go with tune --fusion alone: what approximation costs is measured on all documents."
            )
        }
    }

    private func validateFusion() throws {
        guard topics != nil, qrels != nil else {
            throw ValidationError("'--fusion' learns from judged queries: give --topics FILE and --qrels FILE.")
        }
        guard mode == nil || mode == .hybrid else {
            throw ValidationError("'--fusion' is about the lists of hybrid queries; leave '--mode' out.")
        }
        guard folds >= 2 else { throw ValidationError("'--folds' must be at least 2, not \(folds).") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        for (name, isGiven) in [
            ("--weight", flags.weight != nil), ("--k1", flags.bm25K1 != nil), ("--b", flags.bm25B != nil),
            ("--idf-power", flags.idfPower != nil),
        ] where isGiven { throw ValidationError("'\(name)' is what --fusion learns.") }
        _ = try measured()
    }

    private func measured() throws -> Measure {
        let found: [Measure]
        do { found = try Measure.list(parsing: measure) } catch { throw ValidationError("\(error)") }
        guard found.count == 1, let only = found.first, only.isOfTheRun, !only.isSummed, !only.isGeometric else {
            throw ValidationError("'--measure' takes one measure that is a mean over queries, not '\(measure)'.")
        }
        return only
    }

    func run() async throws {
        let opened = try indexFlags.open(index)
        let vectors = try queryVectors.map { try QueryVectors.read($0) }
        var queries = try topics.map { try Topics.read($0) } ?? vectors?.topics ?? []
        if let limit { queries = Array(queries.prefix(limit)) }
        let judgements = try qrels.map { try Judgements.read($0, for: queries, from: topics ?? queryVectors ?? "-") }
        if fusion, let judgements {
            return try await tuneFusion(opened, queries, judgements, vectors)
        }
        let mode = mode ?? .splade
        var tuner = Tuner(opened)
        tuner.mode = mode
        tuner.options = flags.options(opened)
        (tuner.options.mode, tuner.options.hits) = (mode, hits)
        tuner.hits = hits
        tuner.recall = recall
        tuner.rounds = rounds
        Signals.catchInterruption()
        defer { Terminal.endProgress() }
        var shown = -1
        let report = try tuner.measure(
            queries, vectors: vectors?.terms, qrels: judgements,
            progress: { share in
                guard Int(share * 1000) != shown else { return }
                shown = Int(share * 1000)
                Terminal.progress("\(Format.decimals(share * 100, 1)) % of the measurements")
            }, isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        if let note = Format.truncation(report.truncated) { Terminal.note("note: " + note) }
        if let judgements, case let judged = queries.count(where: { judgements.grades[ByteString($0.id)] != nil }),
            judged < queries.count
        {
            Terminal.note("note: nDCG@10 is over the \(judged) of \(queries.count) topics that have judgements.")
        }
        try StandardOutput.printSummary(json ? try AnswerJSON.text(report) : TuningTable.text(report))
        if report.interrupted { throw ExitCode(Signals.exitCode) }
    }

    private func tuneFusion(
        _ opened: SearchIndex, _ queries: [Topic], _ qrels: Qrels, _ vectors: QueryVectors?
    ) async throws {
        var tuner = try FusionTuner(opened, measure: measured())
        tuner.options = flags.options(opened)
        (tuner.folds, tuner.seed, tuner.threads) = (folds, seed, threads)
        Signals.catchInterruption()
        defer { Terminal.endProgress() }
        let report = try tuner.learn(
            queries, qrels: qrels, vectors: vectors?.terms,
            progress: { Terminal.progress("\(Format.decimals($0 * 100, 1)) % of the queries") },
            isCancelled: { Signals.isInterrupted })
        Terminal.endProgress()
        guard let report else {
            Terminal.note("Interrupted; nothing was stored.")
            throw ExitCode(Signals.exitCode)
        }
        let commit = dryRun || !report.isWorthStoring ? nil : try await FusionTuner.store(report.chosen, in: index)
        try StandardOutput.printSummary(json ? try AnswerJSON.text(report) : FusionTuningTable.text(report))
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        if let commit {
            Terminal.note("Stored in '\(index)' as commit \(commit); searches that ask for nothing else use it.")
        } else if report.isWorthStoring {
            Terminal.note("note: nothing was stored (--dry-run).")
        } else {
            Terminal.note("note: nothing was stored: what the index does now is as good on queries held out.")
        }
    }
}
