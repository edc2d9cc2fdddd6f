/// How the chance of a difference at least as large is computed when both systems are equally good.
public enum SignificanceTest: Sendable, Hashable {
    /// The two-sided paired t-test.
    case pairedT
    /// The two-sided paired randomisation test: the signs of the differences are drawn anew `samples` times.
    /// Source: Smucker, Allan and Carterette, "A comparison of statistical significance tests for information retrieval
    /// evaluation", 2007.
    case randomisation(samples: Int, seed: UInt64)
}

/// How two systems differ in one measure over the same queries.
public struct Significance: Sendable, Hashable {
    /// Mean of (second − first) over the queries.
    public let meanDifference: Double
    /// The two-sided p value; 1 when no query differs, or when there are fewer than two queries.
    public let pValue: Double
    /// Queries where the second system is better.
    public let wins: Int
    /// Queries with the same value.
    public let ties: Int
    /// Queries where the second system is worse.
    public let losses: Int

    /// The mean difference over the standard deviation of the differences (Cohen's d for pairs); 0 when no query differs.
    public let effectSize: Double

    /// Compares values of the same queries in the same order.
    ///
    /// - Complexity: O(queries), times the samples for the randomisation test.
    /// - Throws: ``EvaluationError/notComparable(detail:)`` when the counts differ.
    public init(
        first: [Double], second: [Double], test: SignificanceTest = .randomisation(samples: 10_000, seed: 42)
    ) throws(EvaluationError) {
        guard first.count == second.count else {
            throw .notComparable(detail: "\(first.count) values against \(second.count)")
        }
        let differences = zip(first, second).map { $1 - $0 }
        wins = differences.count { $0 > 1e-12 }
        losses = differences.count { $0 < -1e-12 }
        ties = differences.count - wins - losses
        meanDifference = differences.reduce(0, +) / Double(max(1, differences.count))
        effectSize = Significance.effect(differences)
        if differences.count < 2 || ties == differences.count {
            pValue = 1
        } else {
            switch test {
            case .pairedT: pValue = Significance.pairedT(differences)
            case .randomisation(let samples, let seed):
                pValue = Resampling.signs(differences, samples: samples, seed: seed)
            }
        }
    }

    private static func effect(_ differences: [Double]) -> Double {
        guard differences.count > 1 else { return 0 }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return variance > 0 ? mean / variance.squareRoot() : mean == 0 ? 0 : mean > 0 ? .infinity : -.infinity
    }

    private static func pairedT(_ differences: [Double]) -> Double {
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        if variance == 0 { return 0 }
        return StudentT.twoSided(t: mean / (variance / count).squareRoot(), degreesOfFreedom: count - 1)
    }
}
