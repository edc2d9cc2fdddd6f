import Foundation

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
        if differences.count < 2 || ties == differences.count {
            pValue = 1
        } else {
            switch test {
            case .pairedT: pValue = Significance.pairedT(differences)
            case .randomisation(let samples, let seed):
                pValue = Significance.randomisation(differences, samples: samples, seed: seed)
            }
        }
    }

    private static func pairedT(_ differences: [Double]) -> Double {
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let variance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        if variance == 0 { return 0 }
        return StudentT.twoSided(t: mean / (variance / count).squareRoot(), degreesOfFreedom: count - 1)
    }

    /// The share of random sign patterns whose sum is at least as far from 0; the pattern that was seen counts as one.
    private static func randomisation(_ differences: [Double], samples: Int, seed: UInt64) -> Double {
        let seen = abs(differences.reduce(0, +)) - 1e-12
        var state = seed
        var extreme = 1
        for _ in 0..<max(1, samples) {
            var sum = 0.0
            var (bits, left): (UInt64, Int) = (0, 0)
            for difference in differences {
                if left == 0 { (bits, left) = (nextRandom(&state), 64) }
                sum += bits & 1 == 0 ? difference : -difference
                bits >>= 1
                left -= 1
            }
            if abs(sum) >= seen { extreme += 1 }
        }
        return Double(extreme) / Double(max(1, samples) + 1)
    }

    /// SplitMix64: small, and the same on every machine.
    private static func nextRandom(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
