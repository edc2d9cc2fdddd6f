import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import RetrievalEvaluation

/// `apus fuse`
struct FuseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fuse",
        abstract: "Make one run of several: of sparse, lexical, dense rankings, whoever made them.",
        discussion: """
            apus fuse bm25.txt learned.txt dense.txt --method rrf -o fused.txt

            Methods: rrf (Σ weight / (k + rank)), rbc (rank-biased: Σ weight (1 - p) p^(rank - 1)), combsum (Σ weight · score), combmnz \
            (that times the number of runs that found the document), combanz (that divided by it), convex (combsum with weights that add up \
            to 1: equal ones unless --weights says otherwise, scaled to that sum).

            Scores are normalised for each query and run: min-max, theoretical (min-max from --floors, 0 unless given), z-score, dbsf \
            (Qdrant's: three standard deviations of the sample around the mean), sum, or none. A list of equal scores becomes 0 (0.5 \
            with dbsf).

            A document that a run did not find gets 0 from it, or with --missing minimum the lowest score of that run for the \
            query (of ranks, the next). Values equal those of ranx and Qdrant; scores are written in double precision where that keeps \
            the order also in single precision.
            """)

    enum MethodName: String, ExpressibleByArgument, CaseIterable { case rrf, rbc, combsum, combmnz, combanz, convex }
    enum NormalizationName: String, ExpressibleByArgument, CaseIterable {
        case none, minMax = "min-max", theoretical, zScore = "z-score", dbsf, sum
    }
    enum MissingName: String, ExpressibleByArgument, CaseIterable { case zero, minimum }

    @Argument(help: "Run files, two or more.", completion: .file())
    var runs: [String]

    @Option(help: "rrf, rbc, combsum, combmnz, combanz or convex.")
    var method = MethodName.rrf

    @Option(help: "min-max, theoretical, z-score, dbsf, sum or none; not for rrf and rbc.")
    var normalization: NormalizationName?

    @Option(help: "One weight for each run, comma-separated.")
    var weights: String?

    @Option(name: .customLong("rrf-k"), help: "The k of rrf.")
    var rrfK = 60.0

    @Option(name: .customLong("rbc-p"), help: "The persistence of rbc.")
    var persistence = 0.8

    @Option(help: "The lowest possible score of each run, comma-separated: 0 for BM25, -1 for cosines.")
    var floors: String?

    @Option(help: "What a document gets from a run that did not find it: zero or minimum.")
    var missing = MissingName.zero

    @Option(name: [.customShort("k"), .long], help: "At most so many documents per query; all unless given.")
    var hits: Int?

    @Option(help: "The run's name; the method's unless given.")
    var runTag: String?

    @Flag(help: "Keep the highest score of a document listed several times for a query, instead of refusing the run.")
    var dedup = false

    @Option(name: .shortAndLong, help: "Where the run goes; standard output unless given.", completion: .file())
    var output: String?

    func validate() throws {
        guard runs.count > 1 else { throw ValidationError("Give at least two run files.") }
        guard runs.count(where: { $0 == "-" }) < 2 else {
            throw ValidationError("Only one run can come from standard input.")
        }
        let usesRanks = method == .rrf || method == .rbc
        guard !usesRanks || (normalization == nil && floors == nil) else {
            throw ValidationError("'--method \(method.rawValue)' uses ranks; leave --normalization and --floors out.")
        }
        guard floors == nil || normalization == .theoretical else {
            throw ValidationError("'--floors' goes with --normalization theoretical.")
        }
        guard rrfK >= 0, rrfK.isFinite else { throw ValidationError("'--rrf-k' must be at least 0, not \(rrfK).") }
        guard persistence > 0, persistence < 1 else {
            throw ValidationError("'--rbc-p' must lie between 0 and 1, not \(persistence).")
        }
        guard hits.map({ $0 > 0 }) ?? true else { throw ValidationError("'-k' must be at least 1, not \(hits ?? 0).") }
        let parsed = try numbers(weights, "--weights") ?? []
        if method == .convex {
            guard parsed.allSatisfy({ $0 >= 0 }), parsed.isEmpty || parsed.reduce(0, +) > 0 else {
                throw ValidationError("Weights of a convex combination are at least 0 and not all 0.")
            }
        }
        _ = try numbers(floors, "--floors")
    }

    private func numbers(_ list: String?, _ flag: String) throws -> [Double]? {
        guard let list else { return nil }
        let values = try NumberList.parse(list, flag)
        guard values.count == runs.count else {
            throw ValidationError("'\(flag)' needs one number for each of the \(runs.count) runs, not \(values.count).")
        }
        return values
    }

    func run() throws {
        let fusion = RunFusion(
            libraryMethod, weights: try shares(), missing: missing == .zero ? .zero : .minimum)
        let writer = try RunWriter(path: output ?? "-", tag: runTag ?? method.rawValue, keepsDoubles: true)
        var read: [Run] = []
        let lows = try numbers(floors, "--floors") ?? []
        for (index, path) in runs.enumerated() {
            let contents = try RunFile.contents(path, dropsRepeated: dedup)
            Terminal.note("note: " + Judgements.note(path, contents))
            var run = contents.run
            // One normalisation stands for all lists, so each list's own floor becomes 0 before.
            if lows.contains(where: { $0 != 0 }) { run = run.shiftingScores(by: -lows[index]) }
            read.append(run)
        }
        note(read)
        let fused = try fusion.fuse(read)
        var count = 0
        for query in fused.rankings.keys.sorted() {
            let ranking = Array(fused[query].prefix(hits ?? .max))
            count += ranking.count
            try writer.write(ranking, for: query.string)
        }
        try writer.close()
        if output != nil {
            Terminal.note(
                "\(runs.count) runs, \(Format.count(fused.rankings.count)) queries, \(Format.count(count)) results: \(described)."
            )
        }
    }

    private func shares() throws -> [Double] {
        let given = try numbers(weights, "--weights")
        guard method == .convex else { return given ?? [] }
        let weights = given ?? Array(repeating: 1, count: runs.count)
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    private var libraryMethod: RunFusion.Method {
        let scores: ScoreNormalization =
            switch normalization ?? .minMax {
            case .none: .none
            case .minMax: .minMax
            case .theoretical: .theoreticalMinMax(floor: 0)
            case .zScore: .zScore
            case .dbsf: .distribution
            case .sum: .sum
            }
        return switch method {
        case .rrf: .reciprocalRank(k: rrfK)
        case .rbc: .rankBiased(persistence: persistence)
        case .combsum, .convex: .sum(scores)
        case .combmnz: .sumTimesLists(scores)
        case .combanz: .mean(scores)
        }
    }

    private var described: String {
        let parameters =
            switch method {
            case .rrf: "k = \(rrfK)"
            case .rbc: "p = \(persistence)"
            default: (normalization ?? .minMax).rawValue
            }
        return
            "\(method.rawValue), \(parameters), weights \(weights ?? "equal"), missing documents: \(missing.rawValue)"
    }

    /// Queries that some runs lack change the result silently.
    private func note(_ read: [Run]) {
        var all: Set<ByteString> = []
        for run in read { all.formUnion(run.rankings.keys) }
        for (path, run) in zip(runs, read) where run.rankings.count < all.count {
            Terminal.note(
                "note: \(path) answers \(Format.count(run.rankings.count)) of \(Format.count(all.count)) queries; "
                    + "the others are fused without it.")
        }
    }
}
