import Foundation

/// How a query's weights become integers, and its integer scores a score again.
///
/// Within a view scores are integers, and where an integer is worth the same in all views they are compared as they are. Views
/// with learned scales of their own have units of their own: there a score that leaves its view is the single-precision number
/// `Float(integer × unit)`, compared by its bits, which are in the same order; exhaustive scoring compares the same numbers. So it is
/// where documents have factors: `Float(integer × (unit × factor))`.
struct ScoreUnits: Sendable {
    /// No sum may reach this.
    static let limit: Double = 2_147_483_648
    /// A learned query's weights have at most this many steps.
    private static let largestWeight: Double = 4095

    /// Score per integer, where that is the same in all views.
    private(set) var common: Double?
    /// BM25: integer units per unit of score.
    let textScale: Double
    /// BM25: what weights are multiplied with first.
    let textFactor: Double
    /// Score per integer of each view.
    private var units: [Double]
    /// With boosts: what an integer of each view is worth without factors, and with the smallest.
    private var plain: [Double] = []
    private var least: [Double] = []
    /// Learned: integer weight per weight of the query; that of the first view, and of all where none are listed.
    private let learnedFactor: Double
    private let learnedFactors: [Double]

    /// Learned terms alone: the weights are the same integers in all views.
    init(learned weights: [Double], scales: LearnedScales) {
        let largest = weights.max() ?? 1
        // Σ weight × 255 stays below the limit, also when every weight is rounded up.
        let room = (Self.limit / 255 - Double(weights.count)) / max(weights.reduce(0, +) / largest, 1)
        var steps = max(1, min(Self.largestWeight, room.rounded(.down)))
        // Weights that are integers already stay as they are.
        let areIntegers = weights.allSatisfy { $0 >= 1 && $0 == $0.rounded() }
        if areIntegers, largest <= min(65_535, room) { steps = largest }
        (textScale, textFactor) = (1, 0)
        (learnedFactor, learnedFactors) = (steps / largest, [])
        common = scales.common.map { largest / steps / Double($0) }
        units = scales.common == nil ? scales.all.map { largest / steps / Double($0) } : []
    }

    /// Words alone.
    init(idfWeights: [Float]) {
        // A share is smaller than its weight, so the sum of the weights bounds every score.
        let sum = idfWeights.reduce(0) { $0 + Double($1) }
        let exponent = min(24, floor(log2((Self.limit - Double(idfWeights.count)) / max(sum, 1e-9))))
        (textScale, textFactor) = (exp2(exponent), 1)
        (common, units, learnedFactor, learnedFactors) = (exp2(-exponent), [], 0, [])
    }

    /// Both: one unit, and weights that are other integers where the scale is another.
    /// - Parameters:
    ///   - largest: No score of the sum is larger.
    ///   - count: Terms of both.
    init(
        textFactor: Double, learnedFactor: Double, largest: Double, count: Int, scales: LearnedScales
    ) {
        // Each learned weight may be rounded up by half a step, times 255.
        let exponent = floor(log2((Self.limit - 256 * Double(count)) / max(largest, 1e-9)))
        textScale = exp2(exponent)
        self.textFactor = textFactor
        (common, units) = (exp2(-exponent), [])
        func factor(_ scale: Float) -> Double { learnedFactor * exp2(exponent) / Double(scale) }
        learnedFactors = scales.common == nil ? scales.all.map(factor) : []
        self.learnedFactor = factor(scales.common ?? scales.all.first ?? 1)
    }

    /// Learned: the integer of a query weight in the first view, and in all where that is the same.
    func learnedWeight(_ weight: Float) -> UInt32 { Self.integer(weight, learnedFactor) }

    /// Learned: the integers of a query weight in each view; none where they are the same.
    func learnedWeights(_ weight: Float) -> [UInt32] { learnedFactors.map { Self.integer(weight, $0) } }

    private static func integer(_ weight: Float, _ factor: Double) -> UInt32 {
        let steps = (Double(weight) * factor).rounded()
        // No sound index leads beyond the limit; a damaged bound or statistic must not trap.
        return UInt32(steps < limit ? max(steps, 1) : limit)
    }

    /// Score per integer of a view.
    func unit(of view: Int) -> Double { common ?? units[view] }

    /// A view's score as it is compared with those of others: the integer itself, or the bits of the score.
    func comparable(_ score: UInt32, in view: Int) -> UInt32 {
        // Weights next to the largest float could add up to infinity, which is no score.
        common != nil ? score : min(Float(Double(score) * units[view]), .greatestFiniteMagnitude).bitPattern
    }

    /// The same units where documents have factors: ``comparable(_:in:)`` is then what no document exceeds.
    func boosted(by boost: ScoreBoost, views: Int) -> ScoreUnits {
        var boosted = self
        boosted.plain = (0..<views).map { unit(of: $0) }
        boosted.units = boosted.plain.map { $0 * boost.largest }
        boosted.least = boosted.plain.map { $0 * boost.smallest }
        boosted.common = nil
        return boosted
    }

    /// A document's score with its factor, as it is compared.
    func comparable(_ score: UInt32, in view: Int, factor: Double) -> UInt32 {
        min(Float(Double(score) * (plain[view] * factor)), .greatestFiniteMagnitude).bitPattern
    }

    /// What every document with this score reaches, as it is compared.
    func promised(_ score: UInt32, in view: Int) -> UInt32 {
        guard !least.isEmpty else { return comparable(score, in: view) }
        return min(Float(Double(score) * least[view]), .greatestFiniteMagnitude).bitPattern
    }

    /// What was compared, as a score.
    func score(_ comparable: UInt32) -> Double {
        common.map { Double(comparable) * $0 } ?? Double(Float(bitPattern: comparable))
    }

    /// The smallest score of a view, at least 1, that reaches what is compared.
    func least(_ comparable: UInt32, in view: Int) -> UInt32 {
        guard common == nil else { return max(1, comparable) }
        var (low, high) = (UInt32(1), UInt32.max)
        while low < high {
            let middle = low + (high - low) / 2
            if self.comparable(middle, in: view) >= comparable { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
