import Apus
import ApusTestSupport
import Testing

/// The kept terms are what the rules say, term by term.
@Suite struct StaticPruningTests {
    /// Term by term: one is kept when every rule, asked about the terms before it alone, still wants it.
    private func slowly(_ pruning: StaticPruning, _ terms: [UInt32], _ weights: [Float]) -> [UInt32] {
        let total = weights.reduce(0) { $0 + Double($1) }
        let heaviest = Double(weights.max() ?? 0)
        return terms.indices.filter { index in
            let before = terms.indices.filter { other in
                weights[other] > weights[index] || (weights[other] == weights[index] && terms[other] < terms[index])
            }
            let sum = before.sorted { weights[$0] > weights[$1] }.reduce(0) { $0 + Double(weights[$1]) }
            return before.count < pruning.terms ?? .max
                && pruning.ratio.map { Double(weights[index]) >= $0 * heaviest } ?? true
                && pruning.mass.map { sum < $0 * total } ?? true
        }.map { terms[$0] }
    }

    @Test(arguments: 0..<40)
    func keepsWhatTheRulesSay(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        for _ in 0..<20 {
            let count = Int.random(in: 0...30, using: &random)
            let terms = Array((0..<60).map(UInt32.init).shuffled(using: &random).prefix(count))
            // Few values, exact in binary, so that ties and sums that just reach the share are common.
            let weights = terms.map { _ in Float(Int.random(in: 1...8, using: &random)) / 4 }
            let shares = [0.25, 0.5, 0.75, 0.9, 1]
            let pruning = StaticPruning(
                terms: Bool.random(using: &random) ? Int.random(in: 1...20, using: &random) : nil,
                mass: Bool.random(using: &random) ? shares.randomElement(using: &random) : nil,
                ratio: Bool.random(using: &random) ? shares.randomElement(using: &random) : nil)
            let kept = pruning(terms, weights)
            #expect(kept.terms == slowly(pruning, terms, weights), "\(pruning): \(terms) \(weights)")
            #expect(kept.weights == kept.terms.map { term in weights[terms.firstIndex(of: term) ?? 0] })
        }
    }

    @Test func noRulesKeepEverything() {
        let kept = StaticPruning()([3, 1], [0.5, 2])
        #expect(kept.terms == [3, 1] && kept.weights == [0.5, 2])
        #expect(StaticPruning(mass: 0.5)([], []).terms.isEmpty)
        // The heaviest term always stays.
        #expect(StaticPruning(mass: 0.01, ratio: 1)([7, 8], [1, 2]).terms == [8])
    }
}
