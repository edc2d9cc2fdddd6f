import Foundation

/// A log-normal distribution of seconds.
struct LogNormal: Sendable {
    /// Half of the values are smaller.
    let median: Double
    /// The standard deviation of the logarithm.
    let sigma: Double

    /// The 99th percentile of a standard normal.
    private static let normal99 = 2.326_347_874_040_841

    /// - Parameter tail: The 99th percentile over the median.
    init(median: Double, tail: Double) {
        self.median = median
        sigma = log(max(tail, 1)) / Self.normal99
    }

    var mean: Double { median * exp(sigma * sigma / 2) }

    /// The share of values up to `x`.
    func share(upTo x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard sigma > 0 else { return x >= median ? 1 : 0 }
        return 0.5 * erfc(-log(x / median) / (sigma * 2.0.squareRoot()))
    }

    /// The value that a share of all values stays within, by bisection.
    func quantile(_ share: Double) -> Double {
        var (low, high) = (median * exp(-12 * sigma), median * exp(12 * sigma))
        for _ in 0..<200 {
            let middle = (low + high) / 2
            if self.share(upTo: middle) < share { low = middle } else { high = middle }
        }
        return high
    }

    /// A value, by Box and Muller.
    func draw(_ random: inout some RandomNumberGenerator) -> Double {
        let first = Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)
        let second = Double.random(in: 0..<1, using: &random)
        return median * exp(sigma * (-2 * log(first)).squareRoot() * cos(2 * .pi * second))
    }
}
