import ApusTestSupport
import Foundation

/// How much is attacked: a seeded sample in every test run, everything when `APUS_ATTACK=long` (`Scripts/attack`).
enum AttackScale {
    private static let environment = ProcessInfo.processInfo.environment

    static let isLong = environment["APUS_ATTACK"] == "long"
    /// Random kills, and appends and replacements beside readers, are multiplied by this.
    static let rounds = max(1, Int(environment["APUS_ATTACK_ROUNDS"] ?? "") ?? 1)
    static let seed = UInt64(environment["APUS_ATTACK_SEED"] ?? "") ?? 12

    /// All of `count` in the long form, else `sample` of them, the same in every run.
    static func choose(_ count: Int, sample: Int, seed: UInt64 = 0) -> [Int] {
        // A quicker look: at most so many of each.
        let limit = Int(environment["APUS_ATTACK_LIMIT"] ?? "") ?? Int.max
        let wanted = min(isLong ? count : sample, limit)
        guard count > wanted else { return Array(0..<count) }
        var random = SplitMix64(seed: Self.seed &+ seed)
        // One of each stretch, so that the sample reaches from the first to the last.
        return (0..<wanted).map { stretch in
            let start = stretch * count / wanted
            return start + Int.random(in: 0..<max(1, (stretch + 1) * count / wanted - start), using: &random)
        }
    }
}
