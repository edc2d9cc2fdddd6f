/// How the scores of one ranking are put on a scale that those of another are on, too.
///
/// Equal scores have no scale: all become 0, as in ranx (0.5 with ``distribution``, as in Qdrant).
public enum ScoreNormalization: Sendable, Hashable {
    /// As they are.
    case none
    /// The lowest becomes 0, the highest 1.
    case minMax
    /// As ``minMax``, but equal scores become 1, so that a list of a single hit is worth its weight.
    case minMaxOrOne
    /// As ``minMax`` with the lowest score that there can be instead of the lowest in the list: 0 for BM25 and learned
    /// weights, -1 for cosines. Source: Bruch, Gai, Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", 2023.
    case theoreticalMinMax(floor: Double)
    /// The mean becomes 0, the standard deviation of the list 1.
    case zScore
    /// Three standard deviations (of the sample) below the mean become 0, above it 1, without a limit: Qdrant's DBSF.
    case distribution
    /// The lowest becomes 0, the sum 1.
    case sum

    /// What a score becomes: (score − `shift`) · `scale`, or `constant` for all.
    struct Scale {
        var shift = 0.0
        var divisor = 1.0
        var constant: Double?

        func callAsFunction(_ score: Double) -> Double { constant ?? (score - shift) / divisor }
    }

    /// The smallest difference that ranx divides by.
    private static let smallest = 1e-9

    func scale(of scores: [Double]) -> Scale {
        guard let low = scores.min(), let high = scores.max() else { return Scale() }
        let count = Double(scores.count)
        switch self {
        case .none: return Scale()
        case .minMax: return Scale(shift: low, divisor: max(high - low, Self.smallest))
        case .minMaxOrOne:
            return high > low ? Scale(shift: low, divisor: high - low) : Scale(constant: 1)
        case .theoreticalMinMax(let floor): return Scale(shift: floor, divisor: max(high - floor, Self.smallest))
        case .sum: return Scale(shift: low, divisor: max(scores.reduce(0, +) - low * count, Self.smallest))
        case .zScore:
            let mean = scores.reduce(0, +) / count
            let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
            return Scale(shift: mean, divisor: max(variance.squareRoot(), Self.smallest))
        case .distribution:
            let mean = scores.reduce(0, +) / count
            let squares = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            guard scores.count > 1, squares > 0 else { return Scale(constant: 0.5) }
            let deviation = (squares / (count - 1)).squareRoot()
            return Scale(shift: mean - 3 * deviation, divisor: 6 * deviation)
        }
    }
}
