/// Counts scores in steps of at most a 128th of them, and says which step `k` scores have reached.
struct ScoreSteps {
    private static let fraction: UInt32 = 7
    private var counts: [UInt32] = []
    /// The scores that lie at or above step `step`.
    private var reached = 0
    private var step = 0

    /// Counts a score; an integer is at least 1.
    /// - Parameter ofFloats: Whether scores are the bits of floats, whose upper half is a step: exponent and seven digits.
    /// - Returns: A score that `k` of those counted are known to reach, when that has just risen.
    @inline(__always)
    mutating func count(_ score: UInt32, k: Int, ofFloats: Bool) -> UInt32? {
        let place = ofFloats ? Int(score >> 16) : Self.step(of: score)
        if counts.isEmpty {
            counts = [UInt32](repeating: 0, count: ofFloats ? 1 << 15 : 32 << Int(Self.fraction))
            step = place
        }
        counts[place] += 1
        guard place >= step else { return nil }
        reached += 1
        let before = step
        while reached - Int(counts[step]) >= k {
            reached -= Int(counts[step])
            step += 1
        }
        guard step > before else { return nil }
        return ofFloats ? UInt32(step) << 16 : Self.least(step)
    }

    /// Seven bits behind the leading one, and its place.
    @inline(__always)
    private static func step(of score: UInt32) -> Int {
        let exponent = 31 - UInt32(score.leadingZeroBitCount)
        let digits = exponent >= fraction ? score >> (exponent - fraction) : score << (fraction - exponent)
        return Int(exponent << fraction | digits & (1 << fraction - 1))
    }

    /// The lowest score of a step.
    private static func least(_ step: Int) -> UInt32 {
        let exponent = UInt32(step) >> fraction
        let digits = UInt32(step) & (1 << fraction - 1) | 1 << fraction
        if exponent >= fraction { return digits << (exponent - fraction) }
        let shift = fraction - exponent
        return (digits + (1 << shift) - 1) >> shift
    }
}
