import ByteStrings

/// Systems beside each other: means with intervals, differences with two tests, two corrections, intervals and effect sizes.
///
///     let comparison = try SystemComparison(of: evaluations, baseline: 0)
///     comparison.entries.filter { $0.holm < 0.05 }
public struct SystemComparison: Sendable {
    /// How much is drawn, and from which seed.
    public struct Sampling: Sendable, Hashable {
        /// Sign patterns of the randomisation test.
        public var permutations = 100_000
        /// Samples of queries for the intervals.
        public var bootstraps = 10_000
        /// The share of samples that an interval holds.
        public var level = 0.95
        /// The same seed gives the same numbers.
        public var seed: UInt64 = 42

        /// The usual ones.
        public init() {}
    }

    /// Two systems in one measure.
    public struct Entry: Sendable {
        /// The system that comes first, the baseline where there is one.
        public let first: Int
        /// The system that is compared with it.
        public let second: Int
        /// The measure's place.
        public let measure: Int
        /// Mean difference (second − first), the p value of the paired t-test, wins, ties, losses, effect size.
        public let tTest: Significance
        /// The p value of the randomisation test (Fisher's).
        public let randomisation: Double
        /// The randomisation test's p value times the number of entries, at most 1.
        public let bonferroni: Double
        /// The randomisation test's p value after Holm's correction over all entries.
        public let holm: Double
        /// The interval of the mean difference.
        public let interval: ClosedRange<Double>
    }

    /// The systems.
    public let evaluations: [Evaluation]
    /// Each compared pair in each measure that runs can differ in.
    public let entries: [Entry]
    /// For each system and measure, the interval of the mean.
    public let intervals: [[ClosedRange<Double>]]
    /// How it was drawn.
    public let sampling: Sampling

    /// Compares every system with the baseline, or each pair when there is none.
    ///
    /// - Throws: ``EvaluationError/notComparable(detail:)`` when measures or judged queries differ.
    /// - Complexity: O(entries × queries × samples).
    public init(
        of evaluations: [Evaluation], baseline: Int? = nil, sampling: Sampling = Sampling()
    ) throws(EvaluationError) {
        self.evaluations = evaluations
        self.sampling = sampling
        let measures = evaluations.first?.measures ?? []
        var pairs: [(Int, Int)] = []
        for second in evaluations.indices {
            for first in 0..<second where baseline == nil || baseline == first || baseline == second {
                pairs.append(second == baseline ? (second, first) : (first, second))
            }
        }
        var drawn: [Entry] = []
        for (first, second) in pairs {
            let significances = try Comparison(evaluations[first], evaluations[second], test: .pairedT).significances
            for (measure, tTest) in significances.enumerated() where measures[measure].isOfTheRun {
                let (a, b) = (evaluations[first].values(measure), evaluations[second].values(measure))
                let differences = zip(a, b).map { $1 - $0 }
                let isSame = differences.count < 2 || tTest.ties == differences.count
                let chance =
                    isSame ? 1 : Resampling.signs(differences, samples: sampling.permutations, seed: sampling.seed)
                let interval = Resampling.interval(
                    differences, samples: sampling.bootstraps, level: sampling.level, seed: sampling.seed)
                drawn.append(
                    Entry(
                        first: first, second: second, measure: measure, tTest: tTest, randomisation: chance,
                        bonferroni: 1, holm: 1, interval: interval))
            }
        }
        let bonferroni = Comparison.bonferroni(drawn.map(\.randomisation))
        let holm = Comparison.holm(drawn.map(\.randomisation))
        entries = drawn.indices.map { index in
            let entry = drawn[index]
            return Entry(
                first: entry.first, second: entry.second, measure: entry.measure, tTest: entry.tTest,
                randomisation: entry.randomisation, bonferroni: bonferroni[index], holm: holm[index],
                interval: entry.interval)
        }
        intervals = evaluations.map { evaluation in
            evaluation.measures.indices.map {
                Resampling.interval(
                    evaluation.values($0), samples: sampling.bootstraps, level: sampling.level, seed: sampling.seed)
            }
        }
    }
}
