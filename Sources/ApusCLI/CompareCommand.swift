import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import Foundation
import RetrievalEvaluation

/// `apus compare`
struct CompareCommand: ParsableCommand, RankingCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether runs differ: tests, intervals, effect sizes, queries, overlap, missing judgements.",
        discussion: """
            apus compare bm25.txt learned.txt hybrid.txt --qrels qrels.txt --topics topics.tsv
            apus compare --index Indexes/mine --mode bm25,splade,hybrid --qrels qrels.txt --topics topics.tsv

            The modes of an index are runs too, named bm25, splade, hybrid, fused; --baseline takes these names. Of them the table of \
            cost says latency, FLOPS (Σ over query terms of the share of documents that hold the term) and bytes of postings.

            Every run is compared with --baseline, or each with each. Differences are second − first. Two tests, both two-sided and \
            paired: Student's t (p t) and Fisher's randomisation (p rand, 100,000 sign patterns from a seed). Bonferroni's and Holm's \
            corrections of the randomisation test are over all comparisons and all measures shown. d is the mean difference over \
            the standard deviation of the differences. Intervals are bootstrap percentiles.

            Averages are over all judged queries, as with trec_eval -c. The first measure orders the queries. Jaccard and RBO \
            (p = 0.9, extrapolated) are means over the judged queries.

            A warning names differences that missing judgements explain: where more of the worse run's first ten documents are \
            unjudged, and without unjudged documents the difference is less than half of it or turns round.
            """)

    enum FormName: String, ExpressibleByArgument, CaseIterable { case text, markdown, latex, csv, json }

    @Argument(help: "Run files; with the modes of an index, two or more.", completion: .file())
    var runs: [String] = []

    @Option(help: "An index whose modes are compared, with --topics.", completion: .directory)
    var index: String?

    @Option(help: "Comma-separated modes of the index: bm25, splade, hybrid, fused; all that it has without it.")
    var mode: String?

    @Option(name: [.customShort("k"), .long], help: "Documents per query of the index's modes.")
    var hits = 1000

    @Option(name: .shortAndLong, help: "Threads for the index's modes.")
    var threads = 1

    @Option(help: "Judgements: TREC (four columns) or BEIR (three, with a header).", completion: .file())
    var qrels: String

    @Option(help: "The run that the others are compared with, one of the arguments.", completion: .file())
    var baseline: String?

    @Option(help: "Topics, to show what the queries ask.", completion: .file())
    var topics: String?

    @Option(name: .shortAndLong, help: "Measures in one quoted string; the first one orders the queries.")
    var measures = "nDCG@10 RR@10 AP R@100"

    @Option(help: "Sign patterns of the randomisation test.")
    var permutations = 100_000

    @Option(help: "Samples for the intervals.")
    var bootstraps = 10_000

    @Option(help: "The seed of both.")
    var seed: UInt64 = 42

    @Option(help: "The share of samples in an interval, 0 to 1.")
    var confidence = 0.95

    @Option(help: "How many of the hardest and most changed queries are shown.")
    var queries = 5

    @Option(help: "Grades of at least this number, whole or not, count as 1, others as 0.")
    var gradeThreshold: Double?

    @Flag(help: "Keep the highest score of a document listed several times for a query, instead of refusing the run.")
    var dedup = false

    @Flag(help: "Also print every query's values and differences.")
    var perQuery = false

    @Option(help: "text, markdown, latex, csv or json.")
    var format = FormName.text

    @Option(help: "Also write a page for a browser: one file that needs nothing else.", completion: .file())
    var html: String?

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var runFlags: RunFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        try runFlags.validate(fusionFlags)
        let modes = try ModeRuns.modes(mode)
        guard index != nil || (mode == nil && runFlags.withRun.isEmpty) else {
            throw ValidationError("'--mode' and '--with-run' go with --index.")
        }
        guard index == nil || topics != nil else { throw ValidationError("'--index' needs --topics.") }
        let fromIndex = index == nil ? 0 : modes?.count ?? 2
        guard runs.count + fromIndex > 1 || (runs.count == 1 && baseline != nil && baseline != runs.first) else {
            throw ValidationError("Give at least two run files, or --index.")
        }
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        do { _ = try Measure.list(parsing: measures) } catch { throw ValidationError("\(error)") }
        guard permutations > 0 else {
            throw ValidationError("'--permutations' must be at least 1, not \(permutations).")
        }
        guard bootstraps > 0 else { throw ValidationError("'--bootstraps' must be at least 1, not \(bootstraps).") }
        guard confidence > 0, confidence < 1 else {
            throw ValidationError("'--confidence' must lie between 0 and 1, not \(confidence).")
        }
        guard queries >= 0 else { throw ValidationError("'--queries' must be at least 0, not \(queries).") }
    }

    func run() throws {
        let measures = try Measure.list(parsing: measures)
        let read = try Judgements.contents(qrels, threshold: gradeThreshold)
        let judgements = read.qrels
        var notes = [Judgements.note(qrels, read)]
        let texts = try topics.map { try Topics.read($0) } ?? []
        var systems = try modeSystems(texts, judgements, measures, &notes)
        var paths = runs
        if let baseline, !(paths + systems.map(\.name)).contains(where: { ByteString($0) == ByteString(baseline) }) {
            paths.insert(baseline, at: 0)
        }
        for path in paths {
            let contents = try RunFile.contents(path, dropsRepeated: dedup)
            notes.append(Judgements.note(path, contents))
            let evaluation = Evaluation(of: contents.run, against: judgements, measures: measures)
            if evaluation.sharesNoQuery, !evaluation.unjudgedQueries.isEmpty {
                throw EvaluationError.noSharedQuery(
                    path: path, queries: evaluation.unjudgedQueries.map(\.string), qrels: qrels,
                    judged: judgements.grades.keys.sorted().map(\.string))
            }
            systems.append(ComparisonReport.System(path, contents.run, evaluation, against: judgements))
        }
        var sampling = SystemComparison.Sampling()
        (sampling.permutations, sampling.bootstraps) = (permutations, bootstraps)
        (sampling.seed, sampling.level) = (seed, confidence)
        let first = baseline.flatMap { name in systems.firstIndex { ByteString($0.name) == ByteString(name) } }
        let report = ComparisonReport(
            systems: systems,
            comparison: try SystemComparison(of: systems.map(\.evaluation), baseline: first, sampling: sampling),
            topics: Dictionary(texts.map { (ByteString($0.id), $0.text) }) { first, _ in first },
            shownQueries: queries, isPerQuery: perQuery)
        if let html {
            let file = try OutputFile(path: html)
            try file.write(try ComparisonPage(report, qrels: judgements).html())
            try file.close()
        }
        if let form = ReportTable.Form(rawValue: format.rawValue) {
            try StandardOutput.print(report.text(form))
        } else {
            try StandardOutput.print(try report.json())
        }
        for note in notes { Terminal.note("note: \(note)") }
        for warning in report.warnings { Terminal.note("warning: \(warning)") }
        for system in systems where !system.evaluation.queriesWithoutResults.isEmpty {
            Terminal.note(
                "note: \(system.name): \(Format.count(system.evaluation.queriesWithoutResults.count)) of "
                    + "\(Format.count(system.evaluation.judgedQueries.count)) judged queries have no result and count 0."
            )
        }
        if topics != nil, case let missing = report.queriesWithoutText, missing > 0 {
            Terminal.note("note: \(Format.count(missing)) judged queries are not among the topics.")
        }
    }

    /// The modes of the index, measured.
    private func modeSystems(
        _ topics: [Topic], _ judgements: Qrels, _ measures: [Measure], _ notes: inout [String]
    ) throws -> [ComparisonReport.System] {
        guard let index else { return [] }
        let opened = try indexFlags.open(index)
        let judged = topics.filter { judgements.grades[ByteString($0.id)] != nil }
        let runs = ModeRuns(opened: opened, judged: judged, runs: try runFlags.read(), threads: threads)
        let modes = try ModeRuns.modes(mode) ?? (opened.hasLearned ? [.bm25, .splade, .hybrid, .fused] : [.bm25])
        let answers = try modes.map { try runs.answer($0, flags, hits: hits) }
        notes += runs.notes(answers, topics: topics.count, flags, hits: hits)
        return try answers.map { found in
            let run = found.batch.run
            return ComparisonReport.System(
                found.mode.rawValue, run, Evaluation(of: run, against: judgements, measures: measures),
                against: judgements, cost: try runs.cost(of: found))
        }
    }
}
