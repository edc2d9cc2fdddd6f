import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import Foundation
import RetrievalEvaluation

/// The tests on the command line.
enum SignificanceName: String, ExpressibleByArgument, CaseIterable {
    case t, randomisation

    var test: SignificanceTest { self == .t ? .pairedT : .randomisation(samples: 10_000, seed: 42) }
}

/// `apus evaluate`
struct EvaluateCommand: ParsableCommand, RankingCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure rankings against judgements, as trec_eval does.",
        discussion: """
            Either run files: apus evaluate --qrels qrels.txt run1.txt run2.txt
            or an index:      apus evaluate --index Indexes/mine --topics topics.tsv --qrels qrels.txt
            or a folder that holds topics and judgements: --index Indexes/mine --collection FOLDER

            Averages run over all judged queries; a judged query without results counts 0 (trec_eval -c). \
            Measures take the names of ir_measures (nDCG@10 RR@10 R@100 AP P(rel=2)@5 Judged@10 infAP IPrec@0.1 SetF Compat(p=0.95)), of \
            trec_eval (ndcg_cut_10 map gm_map bpref 11pt_avg set_F relstring_10; P, iprec_at_recall and its sets official, set and \
            all_trec stand for several) and of ranx. Interpolated precision rounds recall as trec_eval 9 and pytrec_eval do. gm_map and \
            gm_bpref of a query are logarithms.

            Documents are ordered by score in single precision (32-bit floats), then by id, the greater one first: as in trec_eval \
            up to 9.0.7, pytrec_eval and ir_measures. trec_eval 9.0.8 and 10 compare scores in double precision; a note says \
            how many queries of a run that could concern. Runs that apus writes have the same order in both.

            With several runs, letters name the ones that a value beats. Their p values are corrected for all comparisons of \
            the table (Holm), in all its measures together.
            """)

    @Argument(help: "Run files.", completion: .file())
    var runs: [String] = []

    @Option(help: "Judgements: TREC (four columns) or BEIR (three, with a header).", completion: .file())
    var qrels: String?

    @Option(help: "An index to search.", completion: .directory)
    var index: String?

    @Option(help: "Topics to search the index with.", completion: .file())
    var topics: String?

    @Option(help: "A folder with queries and qrels, in BEIR's layout.", completion: .directory)
    var collection: String?

    @Flag(help: "The topics and judgements of the starter collection inside the binary.")
    var starter = false

    @Option(
        help: "Modes to compare, comma-separated: \(SearchMode.allCases.map { $0.rawValue }.joined(separator: ",")).")
    var mode: String?

    @Option(name: [.customShort("k"), .long], help: "Documents per query.")
    var hits = 1000

    @Option(name: .shortAndLong, help: "Measures in one quoted string.")
    var measures = "nDCG@10 RR@10 AP R@100 Judged@10"

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = 1

    @Flag(
        help:
            "Leave out documents that have their query's own id, as BEIR does where queries are documents of the collection (ArguAna, Quora)."
    )
    var ignoreIdenticalIds = false

    @Flag(help: "Leave out documents without a judgement before measuring (trec_eval -J).")
    var judgedOnly = false

    @Flag(
        help:
            "Average over the judged queries that the run answers, as trec_eval without -c, instead of all judged queries (--complete, the default)."
    )
    var answeredOnly = false

    @Flag(help: "Average over all judged queries, as trec_eval -c: the default.")
    var complete = false

    @Option(help: "Grades of at least this number, whole or not, count as 1, others as 0.")
    var gradeThreshold: Double?

    @Flag(help: "Keep the highest score of a document listed several times for a query, instead of refusing the run.")
    var dedup = false

    @Option(help: "How differences are tested: t (paired t-test) or randomisation (10,000 samples).")
    var significance = SignificanceName.t

    @Flag(help: "Also print every query's values.")
    var perQuery = false

    @Option(help: "Also write a page for a browser: one file that needs nothing else.", completion: .file())
    var html: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var runFlags: RunFlags
    @OptionGroup var indexFlags: IndexFlags
    @OptionGroup var shardFlags: ShardFlags

    func validate() throws {
        try runFlags.validate(fusionFlags)
        if index == nil {
            for (name, isGiven) in [
                ("--topics", topics != nil), ("--collection", collection != nil), ("--starter", starter),
                ("--mode", mode != nil), ("--shard", !shardFlags.shards.isEmpty),
                ("--with-run", !runFlags.withRun.isEmpty),
            ] where isGiven {
                throw ValidationError("'\(name)' goes with --index.")
            }
            guard !runs.isEmpty, qrels != nil else {
                throw ValidationError(
                    "Give run files with --qrels FILE, or --index with --topics and --qrels (or --collection).")
            }
        } else {
            guard runs.isEmpty else { throw ValidationError("Give either run files or --index, not both.") }
            guard (topics != nil && qrels != nil) || collection != nil || starter else {
                throw ValidationError("--index needs --topics and --qrels, or --collection FOLDER, or --starter.")
            }
        }
        guard !starter || (topics == nil && qrels == nil && collection == nil) else {
            throw ValidationError(
                "--starter brings topics and judgements; leave --topics, --qrels and --collection out.")
        }
        guard !complete || !answeredOnly else { throw ValidationError("Give --complete or --answered-only, not both.") }
        guard gradeThreshold?.isFinite ?? true else { throw ValidationError("'--grade-threshold' must be a number.") }
        do { _ = try Measure.list(parsing: measures) } catch { throw ValidationError("\(error)") }
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard threads > 0 else { throw ValidationError("'--threads' must be at least 1, not \(threads).") }
        _ = try ModeRuns.modes(mode)
    }

    func run() throws {
        var measures = try Measure.list(parsing: measures)
        if judgedOnly { measures = measures.map(\.ofJudgedDocuments) }
        var report = EvaluationReport(
            measures: measures, test: significance.test, ignoresIdenticalIDs: ignoreIdenticalIds)
        report.averaging = answeredOnly ? .answered : .judged
        var (read, texts) = (Qrels(), [Topic]())
        if let index {
            (read, texts) = try evaluate(index, &report)
        } else if let qrels {
            let judgements = try Judgements.contents(qrels, threshold: gradeThreshold)
            report.notes.append(Judgements.note(qrels, judgements))
            for path in runs {
                let contents = try RunFile.contents(path, dropsRepeated: dedup)
                report.notes.append(Judgements.note(path, contents))
                try report.add(path, contents.run, judgements.qrels, qrelsPath: qrels)
            }
            read = judgements.qrels
        }
        if let html {
            let file = try OutputFile(path: html)
            try file.write(try report.page(qrels: read, topics: texts).html())
            try file.close()
        }
        try StandardOutput.print(json ? report.json() : report.text(perQuery: perQuery))
        for note in report.notes { Terminal.note("note: \(note)") }
    }

    private func evaluate(_ directory: String, _ report: inout EvaluationReport) throws -> (Qrels, [Topic]) {
        let opened = try indexFlags.open(directory, shards: shardFlags.shards)
        let unpacked = starter ? try StarterCollection.unpack() : nil
        defer { unpacked?.remove() }
        let folder = (unpacked?.path ?? collection).map { Collection($0) }
        let topicFile = try topics ?? folder?.queries()
        let qrelsFile = try qrels ?? folder?.qrels()
        guard let topicFile, let qrelsFile else { return (Qrels(), []) }
        let all = try Topics.read(topicFile)
        let judgements = try Judgements.read(qrelsFile, for: all, from: topicFile, threshold: gradeThreshold)
        let judged = all.filter { judgements.grades[ByteString($0.id)] != nil }
        let modes = try ModeRuns.modes(mode) ?? (opened.hasLearned ? [.bm25, .splade, .hybrid] : [.bm25])
        let runs = ModeRuns(opened: opened, judged: judged, runs: try runFlags.read(), threads: threads)
        var answers: [ModeRuns.Answers] = []
        for mode in modes {
            let found = try runs.answer(mode, flags, hits: hits)
            let name = found.batch.answers.first?.answer.tag ?? "apus-\(mode.rawValue)"
            try report.add(
                name, found.batch.run, judgements, qrelsPath: qrelsFile, latency: found.batch,
                cost: html == nil ? nil : runs.cost(of: found))
            answers.append(found)
        }
        report.notes += runs.notes(answers, topics: all.count, flags, hits: hits)
        return (judgements, all)
    }
}
