import Apus
import ArgumentParser
import CorpusFormats
import RetrievalEvaluation

/// How the lists of a hybrid query become one.
struct FusionFlags: ParsableArguments {
    /// As ``FuseCommand`` names methods and normalisations; a normalisation alone is a weighted sum.
    enum Name: String, ExpressibleByArgument, CaseIterable {
        case minmax, theoretical
        case zScore = "z-score"
        case dbsf, sum, combsum, combmnz, combanz, rrf, rbc

        /// Whether --weight says both weights, which add up to 1.
        var isConvex: Bool { [.minmax, .theoretical, .zScore, .dbsf, .sum].contains(self) }
    }

    enum MissingName: String, ExpressibleByArgument, CaseIterable { case zero, minimum, exact }

    @Option(
        help:
            "How hybrid lists are fused. Weighted sums of scores scaled by minmax, theoretical (0 to the highest), z-score, dbsf or sum; combsum, combmnz, combanz (of minmax scores); of ranks, rrf or rbc. minmax unless given, or what the index was tuned to."
    )
    var fusion: Name?

    @Option(help: "The constant of reciprocal rank fusion.")
    var rrfK = Fusion.usualConstant

    @Option(name: .customLong("rbc-p"), help: "The persistence of rbc.")
    var persistence = 0.8

    @Option(
        help:
            "Weights of a hybrid query's lists, comma-separated: BM25, learned, then each --with-run. Unless given, --weight says the first two, and each run has 0.5 (1 in sums without weights)."
    )
    var weights: String?

    @Option(
        help:
            "What a document gets from a list that does not hold it: zero, minimum (the list's lowest score) or exact (its score is computed from the index, so that the depth is not in the result)."
    )
    var missing = MissingName.zero

    func validate() throws {
        guard rrfK >= 0, rrfK.isFinite else { throw ValidationError("'--rrf-k' must be 0 or more, not \(rrfK).") }
        guard persistence > 0, persistence < 1 else {
            throw ValidationError("'--rbc-p' must lie between 0 and 1, not \(persistence).")
        }
        if missing == .exact, let fusion, fusion == .rrf || fusion == .rbc {
            throw ValidationError("'--missing exact' computes scores; '--fusion \(fusion.rawValue)' uses ranks.")
        }
        guard try numbers().map({ $0.count >= 2 }) ?? true else {
            throw ValidationError("'--weights' needs at least two numbers: for BM25 and the learned list.")
        }
    }

    private func numbers() throws -> [Double]? { try weights.map { try NumberList.parse($0, "--weights") } }

    /// - Parameters:
    ///   - weight: The learned list's share of two; nil for the usual one.
    ///   - tuned: What stands in for a fusion that is not given.
    func fusion(weight: Double?, tuned: Fusion?) -> Fusion {
        if fusion == nil, var tuned {
            if let weight { tuned = tuned.with(weight: weight) }
            tuned.weights = ((try? numbers()) ?? nil) ?? tuned.weights
            tuned.missing = Fusion.Missing(rawValue: missing.rawValue) ?? .zero
            return tuned
        }
        let fusion = fusion ?? .minmax
        let weight = weight ?? SearchOptions.usualWeight
        let given = (try? numbers()) ?? nil  // Read before, by validate().
        let shares = given ?? (fusion.isConvex ? [1 - weight, weight] : [])
        let method: RunFusion.Method =
            switch fusion {
            case .minmax, .theoretical, .zScore, .dbsf, .sum:
                .sum(Fusion.Convex(rawValue: fusion.rawValue)?.normalization ?? .minMaxOrOne)
            case .combsum: .sum(.minMaxOrOne)
            case .combmnz: .sumTimesLists(.minMaxOrOne)
            case .combanz: .mean(.minMaxOrOne)
            case .rrf: .reciprocalRank(k: rrfK)
            case .rbc: .rankBiased(persistence: persistence)
            }
        return Fusion(
            method, name: fusion.rawValue, weights: shares,
            missing: Fusion.Missing(rawValue: missing.rawValue) ?? .zero)
    }
}

/// Runs from elsewhere as further lists of hybrid queries.
struct RunFlags: ParsableArguments {
    @Option(
        help:
            "With topics: a run from elsewhere, of a dense retriever for example, as one more list of a hybrid query. May be given several times.",
        completion: .file())
    var withRun: [String] = []

    /// - Throws: `ValidationError` where there are not as many weights as lists.
    func validate(_ fusion: FusionFlags) throws {
        guard let weights = fusion.weights else { return }
        let (count, given) = (2 + withRun.count, weights.split(separator: ",").count)
        guard given == count else {
            throw ValidationError(
                "'--weights' needs \(count) numbers (BM25, learned, each --with-run), not \(given).")
        }
    }

    /// The runs, named as their files.
    /// - Throws: `FormatError`.
    func read() throws -> [Run] {
        try withRun.map { path in
            let contents = try RunFile.contents(path)
            Terminal.note("note: " + Judgements.note(path, contents))
            var run = contents.run
            let name = path.split(separator: "/").last.map(String.init) ?? path
            run.tag = String(name.prefix { $0 != "." }).split(whereSeparator: \.isWhitespace).joined(separator: "_")
            return run
        }
    }
}
