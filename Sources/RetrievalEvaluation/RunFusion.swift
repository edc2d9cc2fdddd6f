public import ByteStrings

/// How the rankings of several systems become one.
///
///     let fused = try RunFusion(.convex(.minMax), weights: [0.4, 0.6]).fuse([bm25, learned])
public struct RunFusion: Sendable, Hashable {
    /// What a document gets from the lists that hold it.
    public enum Method: Sendable, Hashable {
        /// Σ weight / (k + rank). Source: Cormack, Clarke and Büttcher, "Reciprocal rank fusion outperforms Condorcet", 2009.
        case reciprocalRank(k: Double)
        /// Σ weight · (1 − p) · p^(rank − 1): rank-biased centroids. Source: Bailey et al., "Retrieval consistency in the
        /// presence of query variations", 2017.
        case rankBiased(persistence: Double)
        /// Σ weight · score; a convex combination when the weights add up to 1. Source: Fox and Shaw, "Combination of multiple
        /// searches", 1994 (CombSUM).
        case sum(ScoreNormalization)
        /// The sum times the number of lists that hold the document: CombMNZ of the same source.
        case sumTimesLists(ScoreNormalization)
        /// The sum over the number of lists that hold the document: CombANZ of the same source.
        case mean(ScoreNormalization)
    }

    /// What a document gets from a list that does not hold it.
    public enum Missing: Sendable, Hashable {
        /// Nothing.
        case zero
        /// The list's lowest score, normalised as all others; from ranks, what the next rank would give.
        case minimum
    }

    /// The score of a document that a list does not hold: list, query, document. Nil where it is not known either.
    ///
    /// With it every list is complete, so that no candidate depth is in the result.
    public typealias Completion = (_ list: Int, _ query: ByteString, _ document: ByteString) -> Double?

    /// What a document gets.
    public let method: Method
    /// One for each list, in their order; empty means 1 for each.
    public let weights: [Double]
    /// What stands in for a score that is not there.
    public let missing: Missing

    /// Makes a fusion.
    public init(_ method: Method, weights: [Double] = [], missing: Missing = .zero) {
        self.method = method
        self.weights = weights
        self.missing = missing
    }

    /// Fuses runs; a query of any of them is a query of the result.
    ///
    /// - Parameter completion: Computes scores that are missing, before they are normalised; what it does not know falls to ``missing``.
    /// - Throws: ``EvaluationError/notFusable(detail:)`` when there are not as many weights as runs.
    /// - Complexity: O(n log n) for n results.
    public func fuse(
        _ runs: [Run], tag: String = "fused", completion: Completion? = nil
    ) throws(EvaluationError) -> Run {
        guard weights.isEmpty || weights.count == runs.count else {
            throw .notFusable(detail: "there are \(weights.count) weights for \(runs.count) runs")
        }
        var queries: Set<ByteString> = []
        for run in runs { queries.formUnion(run.rankings.keys) }
        var rankings: [ByteString: [ScoredDocument]] = [:]
        for query in queries {
            let complete = completion.map { known in { known($0, query, $1) } }
            rankings[query] = fuse(runs.map { $0[query] }, completion: complete)
        }
        return Run(tag: tag, rankings: rankings)
    }

    /// Fuses the rankings of one query, each best first; without an order.
    ///
    /// - Complexity: O(n) for n results.
    public func fuse(
        _ lists: [[ScoredDocument]], completion: ((_ list: Int, _ document: ByteString) -> Double?)? = nil
    ) -> [ScoredDocument] {
        let fused = shares(lists, completion: completion)
        return zip(fused.documents, fused.scores).map { ScoredDocument(id: $0.string, score: $1) }
    }

    /// The documents of several lists, with what each list gives each.
    public struct Shares: Sendable {
        /// In the order in which the lists have them, one list after another.
        public fileprivate(set) var documents: [ByteString] = []
        /// One for each document.
        public fileprivate(set) var scores: [Double] = []
        /// `[documents, lists]`: the summands of each score.
        public fileprivate(set) var parts: [Double] = []
        /// `[documents, lists]`: the rank in each list, from 1; 0 where the list does not hold the document.
        public fileprivate(set) var ranks: [Int] = []
    }

    /// Fuses the rankings of one query, each best first, and keeps the receipts.
    ///
    /// - Complexity: O(n) for n results.
    public func shares(
        _ lists: [[ScoredDocument]], completion: ((_ list: Int, _ document: ByteString) -> Double?)? = nil
    ) -> Shares {
        let width = lists.count
        let most = lists.reduce(0) { $0 + $1.count }
        var places: [ByteString: Int] = [:]
        places.reserveCapacity(most)
        var fused = Shares()
        fused.documents.reserveCapacity(most)
        fused.ranks = [Int](repeating: 0, count: most * width)
        var given = [Double](repeating: 0, count: most * width)
        for (list, ranking) in lists.enumerated() {
            for (rank, document) in ranking.enumerated() {
                let id = ByteString(document.id)
                let place: Int
                if let known = places[id] {
                    place = known
                } else {
                    place = fused.documents.count
                    places[id] = place
                    fused.documents.append(id)
                }
                let index = place * width + list
                if fused.ranks[index] == 0 { fused.ranks[index] = rank + 1 }
                given[index] = ofRank(rank) ?? document.score
            }
        }
        let count = fused.documents.count * width
        fused.ranks.removeLast(fused.ranks.count - count)
        given.removeLast(given.count - count)
        // Where there is a score; of most documents that is where there is a rank.
        var isGiven = fused.ranks.map { $0 > 0 }
        if let completion, ofRank(0) == nil {
            for index in given.indices where !isGiven[index] {
                guard let score = completion(index % width, fused.documents[index / width]) else { continue }
                (given[index], isGiven[index]) = (score, true)
            }
        }
        func scores(of list: Int) -> [Double] {
            stride(from: list, to: count, by: width).compactMap { isGiven[$0] ? given[$0] : nil }
        }
        let scales = lists.indices.map { normalization.scale(of: scores(of: $0)) }
        let lowest = lists.indices.map { list in
            missing == .zero ? 0 : ofRank(lists[list].count) ?? scores(of: list).min().map { scales[list]($0) } ?? 0
        }
        let weights = self.weights.isEmpty ? [Double](repeating: 1, count: width) : self.weights
        fused.scores.reserveCapacity(fused.documents.count)
        fused.parts.reserveCapacity(given.count)
        for place in fused.documents.indices {
            var (sum, holders) = (0.0, 0)
            for list in lists.indices {
                let index = place * width + list
                let part = weights[list] * (isGiven[index] ? scales[list](given[index]) : lowest[list])
                holders += isGiven[index] ? 1 : 0
                sum += part
                fused.parts.append(part)
            }
            let factor: Double? =
                switch method {
                case .sumTimesLists: Double(holders)
                case .mean: 1 / Double(holders)
                case .reciprocalRank, .rankBiased, .sum: nil
                }
            guard let factor else {
                fused.scores.append(sum)
                continue
            }
            fused.scores.append(factor < 1 ? sum / Double(holders) : sum * factor)
            for list in lists.indices { fused.parts[place * width + list] *= factor }
        }
        return fused
    }

    /// What a place, from 0, gives; nil where scores count.
    private func ofRank(_ place: Int) -> Double? {
        switch method {
        case .reciprocalRank(let k): 1 / (k + Double(place + 1))
        case .rankBiased(let persistence): (1 - persistence) * power(persistence, place)
        default: nil
        }
    }

    private var normalization: ScoreNormalization {
        switch method {
        case .sum(let normalization), .sumTimesLists(let normalization), .mean(let normalization): normalization
        case .reciprocalRank, .rankBiased: .none
        }
    }

    private func power(_ base: Double, _ exponent: Int) -> Double {
        var (result, base, left) = (1.0, base, exponent)
        while left > 0 {
            if left & 1 == 1 { result *= base }
            base *= base
            left >>= 1
        }
        return result
    }
}
