import Foundation

/// Student's t distribution, as far as the t-test needs it.
enum StudentT {
    /// The chance of a value at least as far from 0 as `t`: the regularised incomplete beta function
    /// I(ν / (ν + t²); ν/2, 1/2).
    static func twoSided(t: Double, degreesOfFreedom nu: Double) -> Double {
        regularisedBeta(nu / (nu + t * t), nu / 2, 0.5)
    }

    /// I(x; a, b) by its continued fraction, evaluated with Lentz's method (Numerical Recipes §6.4; DLMF 8.17.22).
    static func regularisedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast only on this side; the other follows by symmetry.
        if x > (a + 1) / (a + b + 2) { return 1 - regularisedBeta(1 - x, b, a) }
        let logFront = lgamma(a + b).0 - lgamma(a).0 - lgamma(b).0 + a * log(x) + b * log1p(-x)
        let tiny = 1e-300
        var c = 1.0
        var d = 1 / nonZero(1 - (a + b) * x / (a + 1), tiny)
        var fraction = d
        for step in 1...500 {
            let m = Double(step)
            let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
            d = 1 / nonZero(1 + even * d, tiny)
            c = nonZero(1 + even / c, tiny)
            fraction *= d * c
            let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / nonZero(1 + odd * d, tiny)
            c = nonZero(1 + odd / c, tiny)
            fraction *= d * c
            if abs(d * c - 1) < 1e-15 { break }
        }
        return exp(logFront) * fraction / a
    }

    private static func nonZero(_ value: Double, _ tiny: Double) -> Double { abs(value) < tiny ? tiny : value }
}
