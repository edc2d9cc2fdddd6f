/// Chooses one of several configurations by the values that queries have with each, and says what to expect of the choice.
///
/// The queries are dealt out to folds. For each fold a configuration is chosen by the other folds' queries alone (the inner
/// selection), and measured on the fold's own (the outer estimate). What is chosen by all queries looks better on them than it is:
/// the mean of the outer values is the honest figure. Source: Varma and Simon, "Bias in error estimation when using
/// cross-validation for model selection", BMC Bioinformatics 2006.
public struct NestedValidation: Sendable {
    /// One fold.
    public struct Fold: Sendable, Equatable {
        /// Places of the queries that were held out.
        public let queries: [Int]
        /// What the other queries chose.
        public let chosen: Int
        /// Its mean over the queries that chose it.
        public let inner: Double
        /// Its mean over the queries that were held out.
        public let outer: Double
    }

    /// The folds.
    public let folds: [Fold]
    /// What all queries choose.
    public let chosen: Int
    /// Its mean over all queries: too good, for they chose it.
    public let apparent: Double
    /// Of each query, the value of what was chosen without it.
    public let outer: [Double]

    /// - Parameters:
    ///   - values: `[queries, configurations]`, at least one of each.
    ///   - folds: At most as many as there are queries, at least two.
    ///   - seed: Which query is in which fold.
    ///   - preferred: The configuration that stays unless another one is better.
    /// - Complexity: O(queries × configurations).
    public init(values: [[Double]], folds: Int, seed: UInt64, preferred: Int) {
        precondition(folds >= 2 && folds <= values.count, "a fold needs a query, and a choice another one")
        var order = Array(values.indices)
        var random = SplitMix(seed: seed)
        for index in order.indices.reversed() {
            order.swapAt(index, Int(random.next().multipliedFullWidth(by: UInt64(index + 1)).high))
        }
        let count = values[0].count
        func sums(_ queries: [Int]) -> [Double] {
            var sums = [Double](repeating: 0, count: count)
            for query in queries { for index in sums.indices { sums[index] += values[query][index] } }
            return sums
        }
        // Rounding must not prefer one of two equal configurations.
        func best(_ sums: [Double]) -> Int {
            var best = preferred
            for index in sums.indices where sums[index] > sums[best] + 1e-9 { best = index }
            return best
        }
        let all = sums(Array(values.indices))
        var outer = [Double](repeating: 0, count: values.count)
        var made: [Fold] = []
        for fold in 0..<folds {
            let held = order.indices.filter { $0 % folds == fold }.map { order[$0] }.sorted()
            let own = sums(held)
            let others = zip(all, own).map { $0 - $1 }
            let chosen = best(others)
            for query in held { outer[query] = values[query][chosen] }
            made.append(
                Fold(
                    queries: held, chosen: chosen, inner: others[chosen] / Double(values.count - held.count),
                    outer: own[chosen] / Double(held.count)))
        }
        self.folds = made
        self.outer = outer
        chosen = best(all)
        apparent = all[chosen] / Double(values.count)
    }

    /// The mean of the outer values.
    public var estimate: Double { outer.reduce(0, +) / Double(outer.count) }

    /// The interval of a mean over queries that holds 95 of 100 such means (percentile bootstrap, 10,000 samples).
    public static func interval(_ values: [Double], seed: UInt64) -> ClosedRange<Double> {
        Resampling.interval(values, samples: 10_000, level: 0.95, seed: seed)
    }
}
