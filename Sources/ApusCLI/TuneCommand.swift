import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats

/// `apus tune`
struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract: "Measure approximate settings on your queries and recommend the fastest with the recall you want.",
        discussion: """
            Exact search is the base. Against it stand --query-terms N (only the heaviest terms of a query), --ranges N (at \
            most N ranges of 32 documents are scored, best bounds first), the same chosen by fewer terms (--range-terms), and \
            pairs with --query-terms where cutting terms alone is good enough. For each: recall@k (the \
            share of the exact best documents that was found; one that ties with the last of them counts), milliseconds of \
            thread CPU time per query without encoding, the share of queries whose hits are proved exact, and with --qrels \
            the change of nDCG@10. Then the flags to use.

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

    @Option(help: "splade, or fused.")
    var mode = SearchMode.splade

    @Option(name: [.customShort("k"), .long], help: "Documents per query.")
    var hits = 10

    @Option(help: "Use only the first N topics.")
    var limit: Int?

    @Option(help: "How often each topic is timed with each setting.")
    var rounds = 3

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var flags: SearchFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        try RunFlags().validate(flags.fusionFlags)
        guard topics != nil || queryVectors != nil else {
            throw ValidationError("Give --topics FILE, --query-vectors FILE, or both.")
        }
        guard mode.isOneTraversal else {
            throw ValidationError("'--mode' takes splade or fused here, not '\(mode.rawValue)'.")
        }
        guard mode == .splade || topics != nil else { throw ValidationError("'--mode fused' needs --topics FILE.") }
        guard (0...1).contains(recall) else {
            throw ValidationError("'--recall' must be between 0 and 1, not \(recall).")
        }
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard limit.map({ $0 > 0 }) ?? true else {
            throw ValidationError("'--limit' must be at least 1, not \(limit ?? 0).")
        }
        guard rounds > 0 else { throw ValidationError("'--rounds' must be at least 1, not \(rounds).") }
        guard flags.filter == nil, flags.boost.isEmpty else {
            throw ValidationError("'--filter' and '--boost' do not go with tune.")
        }
        guard flags.queryTerms == nil, flags.ranges == nil, flags.rangeTerms == nil, flags.deadline == nil,
            flags.traversal == .automatic
        else {
            throw ValidationError("'--query-terms', '--ranges', '--deadline' and '--traversal' are what is tuned.")
        }
    }

    func run() throws {
        let opened = try indexFlags.open(index)
        let vectors = try queryVectors.map { try QueryVectors.read($0) }
        var queries = try topics.map { try Topics.read($0) } ?? vectors?.topics ?? []
        if let limit { queries = Array(queries.prefix(limit)) }
        let judgements = try qrels.map { try Judgements.read($0, for: queries, from: topics ?? queryVectors ?? "-") }
        var tuner = Tuner(opened)
        tuner.mode = mode
        tuner.options = flags.options(mode: mode, hits: hits)
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
}
