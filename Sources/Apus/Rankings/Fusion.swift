import ByteStrings
public import RetrievalEvaluation

/// How the rankings of a hybrid answer become one: BM25's, the learned one, and runs from elsewhere.
///
///     let words = [(id: "a", score: 9.0), (id: "b", score: 5.0)]
///     let learned = [(id: "b", score: 30.0), (id: "c", score: 20.0)]
///     let best = Fusion.reciprocalRank(k: Fusion.usualConstant).fuse(bm25: words, learned: learned, k: 10)
///     print(best.map(\.id))
///     // ["b", "a", "c"]
public struct Fusion: Sendable, Equatable {
    /// What a document gets from a list that does not hold it.
    public enum Missing: String, Sendable, CaseIterable {
        /// Nothing.
        case zero
        /// The list's lowest score.
        case minimum
        /// The score that the index gives it, however deep it lies; of a run from elsewhere, nothing.
        case exact
    }

    /// What a document gets from the lists that hold it.
    public var method: RunFusion.Method
    /// As printed and as part of a run tag: `minmax`.
    public var methodName: String
    /// BM25's weight, the learned list's, and those of further runs; one that is not given is 1, or 0.5 of a weighted sum.
    public var weights: [Double]
    /// What stands in for a score that is not there.
    public var missing: Missing

    /// Makes a fusion.
    public init(_ method: RunFusion.Method, name: String, weights: [Double] = [], missing: Missing = .zero) {
        self.method = method
        methodName = name
        self.weights = weights
        self.missing = missing
    }

    /// Reciprocal rank fusion: the sum over lists of 1 / (k + rank), ranks from 1.
    ///
    /// Source: Cormack, Clarke, Büttcher, "Reciprocal Rank Fusion outperforms Condorcet…", SIGIR 2009.
    public static func reciprocalRank(k: Double) -> Fusion { Fusion(.reciprocalRank(k: k), name: "rrf") }

    /// `weight` × learned + (1 − `weight`) × BM25, each list's scores scaled to 0…1 by its own minimum and maximum.
    ///
    /// A document that a list does not hold gets 0 from it. A list whose scores are all equal gives each of them 1.
    /// Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023, eq. 1 and 2.
    public static func minMax(weight: Double) -> Fusion {
        Fusion(.sum(.minMaxOrOne), name: "minmax", weights: [1 - weight, weight])
    }

    /// The constant of the paper.
    public static let usualConstant = 60.0

    /// As printed and as part of a run tag: `minmax(w=0.6)`.
    public var name: String {
        let parameter: String? =
            switch method {
            case .reciprocalRank(let k): "k=\(k.formatted)"
            case .rankBiased(let persistence): "p=\(persistence.formatted)"
            case .sum, .sumTimesLists, .mean: nil
            }
        let sumsToOne = weights.count == 2 && weights[0] == 1 - weights[1]
        let shares =
            weights.isEmpty
            ? nil
            : sumsToOne ? "w=\(weights[1].formatted)" : "w=" + weights.map(\.formatted).joined(separator: "/")
        let completion = missing == .zero ? nil : "missing=\(missing.rawValue)"
        return "\(methodName)(\([parameter, shares, completion].compactMap { $0 }.joined(separator: ",")))"
    }

    /// One weight for each of `count` lists.
    func weights(of count: Int) -> [Double] {
        guard !weights.isEmpty else { return [] }
        return Array(weights.prefix(count)) + Array(repeating: 0.5, count: max(0, count - weights.count))
    }

    /// The `k` best documents of two rankings, by score descending, then id descending, each with what either list said of it.
    /// - Complexity: O(n log n) for n documents in either list.
    public func fuse(bm25: [(id: String, score: Double)], learned: [(id: String, score: Double)], k: Int)
        -> [RankedDocument]
    {
        func list(_ entries: [(id: String, score: Double)]) -> [ScoredDocument] {
            entries.map { ScoredDocument(id: $0.id, score: $0.score) }
        }
        return fuse(FusedLists(bm25: list(bm25), learned: list(learned)), k: k)
    }

    /// The same of any number of rankings.
    func fuse(_ lists: FusedLists, k: Int) -> [RankedDocument] {
        let rankings = [lists.bm25, lists.learned] + lists.runs.map(\.ranking)
        let fusion = RunFusion(
            method, weights: weights(of: rankings.count), missing: missing == .minimum ? .minimum : .zero)
        let fused = fusion.shares(rankings, completion: lists.completion)
        return Self.best(k, of: fused).enumerated().map { place, index in
            let id = fused.documents[index]
            let row = index * rankings.count
            func placement(_ list: Int) -> Placement? {
                let rank = fused.ranks[row + list]
                if rank > 0 { return Placement(rank: rank, score: rankings[list][rank - 1].score) }
                return lists.completion?(list, id).map { Placement(rank: nil, score: $0) }
            }
            var document = RankedDocument(
                rank: place + 1, id: id.string, score: fused.scores[index], bm25: placement(0), learned: placement(1))
            document.parts = ScoreParts(bm25: fused.parts[row], learned: fused.parts[row + 1])
            let runs = lists.runs.enumerated().compactMap { number, run -> RunPlacement? in
                let rank = fused.ranks[row + 2 + number]
                guard rank > 0 else { return nil }
                return RunPlacement(
                    run: run.name, rank: rank, score: run.ranking[rank - 1].score, share: fused.parts[row + 2 + number])
            }
            document.runs = runs.isEmpty ? nil : runs
            return document
        }
    }
}

extension Fusion {
    /// The places of the `k` best documents, best first; of those with the same score the greater id first.
    /// - Complexity: O(n + m log m) for n documents, m of which are at least as good as the k-th of the first 2 k.
    private static func best(_ k: Int, of fused: RunFusion.Shares) -> ArraySlice<Int> {
        let (documents, scores) = (fused.documents, fused.scores)
        // What reaches the k-th score of a sample of k documents is all that can be among the best.
        var floor = -Double.infinity
        if k > 0, k < scores.count / 4, !scores.contains(where: \.isNaN) {
            floor = scores[..<(2 * k)].sorted(by: >)[k - 1]
        }
        return documents.indices.filter { !(scores[$0] < floor) }.sorted { a, b in
            scores[a] != scores[b] ? scores[a] > scores[b] : documents[a] > documents[b]
        }.prefix(k)
    }
}

/// The rankings of one query that are fused, each best first.
struct FusedLists {
    var bm25: [ScoredDocument]
    var learned: [ScoredDocument]
    var runs: [(name: String, ranking: [ScoredDocument])] = []
    /// Scores that a list does not hold, by its place.
    var completion: ((_ list: Int, _ document: ByteString) -> Double?)?
}

extension Double {
    /// Without a trailing `.0`.
    var formatted: String { self == rounded() && magnitude < 1e9 ? "\(Int(self))" : "\(self)" }
}
