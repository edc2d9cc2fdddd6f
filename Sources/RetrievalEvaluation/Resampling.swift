import Foundation
import ParallelWork

/// Tests and intervals from drawing the queries' differences anew, on all cores. The numbers depend on the seed alone: each
/// group of samples has a sequence of its own.
enum Resampling {
    private static let group = 2048

    /// The share of random sign patterns whose sum is at least as far from 0; the pattern that was seen counts as one.
    static func signs(_ differences: [Double], samples: Int, seed: UInt64) -> Double {
        let total = differences.reduce(0, +)
        let seen = abs(total) - 1e-12
        let samples = max(1, samples)
        let counts = inGroups(samples, seed) { (size, random) in
            var extreme = 0
            for _ in 0..<size {
                var (positive, start) = (0.0, 0)
                while start < differences.count {
                    var bits = random.next()
                    for index in start..<min(start + 64, differences.count) {
                        // Without a branch: half of them would be guessed wrong.
                        positive += differences[index] * Double(bits & 1)
                        bits >>= 1
                    }
                    start += 64
                }
                if abs(2 * positive - total) >= seen { extreme += 1 }
            }
            return extreme
        }
        return Double(counts.reduce(1, +)) / Double(samples + 1)
    }

    /// The percentile interval of the mean: as many values as there are, drawn with replacement, again and again.
    /// Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13.
    static func interval(_ values: [Double], samples: Int, level: Double, seed: UInt64) -> ClosedRange<Double> {
        guard let first = values.first else { return 0...0 }
        guard values.contains(where: { $0 != first }) else { return first...first }
        let count = UInt64(values.count)
        let means = inGroups(max(1, samples), seed) { (size, random) in
            (0..<size).map { _ in
                var sum = 0.0
                for _ in values.indices { sum += values[Int(random.next().multipliedFullWidth(by: count).high)] }
                return sum / Double(values.count)
            }
        }.flatMap { $0 }.sorted()
        func quantile(_ share: Double) -> Double {
            let place = share * Double(means.count - 1)
            let (low, rest) = (Int(place), place - place.rounded(.down))
            return means[low] + (low + 1 < means.count ? rest * (means[low + 1] - means[low]) : 0)
        }
        return quantile((1 - level) / 2)...quantile((1 + level) / 2)
    }

    private static func inGroups<Part: Sendable>(
        _ samples: Int, _ seed: UInt64, _ work: @Sendable (_ size: Int, inout SplitMix) -> Part
    ) -> [Part] {
        let groups = (samples + group - 1) / group
        return ParallelMap.map(count: groups, threads: ProcessInfo.processInfo.activeProcessorCount, chunk: 1) {
            range in
            range.map { index in
                var random = SplitMix(seed: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
                return work(min(group, samples - index * group), &random)
            }
        }
    }
}
