public import ByteStrings

/// What a measure says of every weighted sum of two rankings of a query, for many weights and normalisations at once.
///
/// The values are those of ``RunFusion`` with ``RunFusion/Missing/zero`` and ``Evaluation``, digit for digit: ids are looked up
/// once, scores are normalised once for each normalisation, and only as many documents as the measure looks at are put in order.
public struct FusionGrid: Sendable {
    /// What makes the scores of the two rankings comparable.
    public let normalizations: [ScoreNormalization]
    /// Weights of the second ranking, 0…1; the first has the rest.
    public let weights: [Double]
    /// What is measured.
    public let measure: Measure

    /// A grid.
    public init(normalizations: [ScoreNormalization], weights: [Double], measure: Measure) {
        self.normalizations = normalizations
        self.weights = weights
        self.measure = measure
    }

    /// Points of the grid.
    public var count: Int { normalizations.count * weights.count }

    /// The measure at each point, `[normalizations, weights]`.
    /// - Parameters:
    ///   - first: Best first.
    ///   - second: Best first.
    ///   - judgements: The grades of the query's documents.
    /// - Complexity: O(points × (n + d × cut-off)) for n documents, of which d enter the best while they are looked at.
    public func values(
        _ first: [ScoredDocument], _ second: [ScoredDocument], judgements: [ByteString: Int]
    ) -> [Double] {
        var places: [ByteString: Int] = [:]
        var documents: [ScoredDocument] = []
        var given: [[Double?]] = [[], []]
        for (list, ranking) in [first, second].enumerated() {
            for document in ranking {
                let id = ByteString(document.id)
                let place = places[id] ?? documents.count
                if place == documents.count {
                    places[id] = place
                    documents.append(document)
                    given[0].append(nil)
                    given[1].append(nil)
                }
                given[list][place] = document.score
            }
        }
        // Below its cut-off a measure looks at nothing, unless it looks for judged documents there.
        let depth = measure.isJudgedOnly ? nil : measure.cutoff
        var values: [Double] = []
        values.reserveCapacity(count)
        for normalization in normalizations {
            let parts = given.map { scores in
                let scale = normalization.scale(of: scores.compactMap(\.self))
                return scores.map { $0.map { scale($0) } ?? 0 }
            }
            for weight in weights {
                let scores = documents.indices.map { (1 - weight) * parts[0][$0] + weight * parts[1][$0] }
                let best = Self.best(scores, documents, depth ?? documents.count).map { documents[$0] }
                values.append(measure.value(JudgedRanking(best, judgements: judgements)))
            }
        }
        return values
    }

    /// The places of the `count` best, by score descending, then id descending.
    private static func best(_ scores: [Double], _ documents: [ScoredDocument], _ count: Int) -> [Int] {
        func precedes(_ a: Int, _ b: Int) -> Bool {
            scores[a] != scores[b]
                ? scores[a] > scores[b] : ByteString(documents[a].id) > ByteString(documents[b].id)
        }
        guard count < 200, count > 0 else { return Array(scores.indices.sorted(by: precedes).prefix(count)) }
        var best: [Int] = []
        best.reserveCapacity(count + 1)
        for place in scores.indices {
            if best.count == count, let last = best.last, !precedes(place, last) { continue }
            var index = best.count
            while index > 0, precedes(place, best[index - 1]) { index -= 1 }
            best.insert(place, at: index)
            if best.count > count { best.removeLast() }
        }
        return best
    }
}
