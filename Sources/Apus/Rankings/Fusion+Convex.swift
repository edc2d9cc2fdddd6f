public import RetrievalEvaluation

extension Fusion {
    /// What makes the scores of two lists comparable in a weighted sum, by the names that are typed, printed and stored.
    public enum Convex: String, Sendable, CaseIterable {
        /// 0 to 1 by the list's lowest and highest score.
        case minmax
        /// The same with 0 as the lowest.
        case theoretical
        /// Mean 0, standard deviation 1.
        case zScore = "z-score"
        /// Three standard deviations around the mean, without a limit.
        case dbsf
        /// Lowest 0, sum 1.
        case sum

        /// The normalisation of this name.
        public var normalization: ScoreNormalization {
            switch self {
            case .minmax: .minMaxOrOne
            case .theoretical: .theoreticalMinMax(floor: 0)
            case .zScore: .zScore
            case .dbsf: .distribution
            case .sum: .sum
            }
        }
    }

    /// `weight` × learned + (1 − `weight`) × BM25, of scores made comparable.
    /// - Parameter weight: 0…1.
    public static func convex(_ scores: Convex, weight: Double) -> Fusion {
        Fusion(.sum(scores.normalization), name: scores.rawValue, weights: [1 - weight, weight])
    }

    /// The same with another learned weight; what has no two weights stays as it is.
    public func with(weight: Double) -> Fusion {
        var fusion = self
        if weights.count == 2 { fusion.weights = [1 - weight, weight] }
        return fusion
    }
}
