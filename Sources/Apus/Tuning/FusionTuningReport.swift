import RetrievalEvaluation

/// What `apus tune --fusion` found, and how far it can be trusted.
public struct FusionTuningReport: Sendable, Codable {
    /// A mean over queries with the interval that holds 95 of 100 such means.
    public struct Estimate: Sendable, Codable, Equatable {
        /// The mean.
        public var mean: Double
        /// The interval's ends.
        public var low: Double
        /// The interval's ends.
        public var high: Double

        init(_ values: [Double], _ seed: UInt64) {
            let interval = NestedValidation.interval(values, seed: seed)
            mean = values.reduce(0, +) / Double(max(1, values.count))
            (low, high) = (interval.lowerBound, interval.upperBound)
        }
    }

    /// One setting of one parameter, with the others as chosen.
    public struct Point: Sendable, Codable {
        /// Which parameter: `weight`, `scores`, `bm25` or `idf power`.
        public var parameter: String
        /// Its value.
        public var value: String
        /// The measure.
        public var estimate: Estimate
        /// Its difference to what the index does now, query by query.
        public var difference: Estimate
        /// Whether this is what was chosen.
        public var isChosen: Bool
    }

    /// One fold of the cross-validation.
    public struct Fold: Sendable, Codable {
        /// Queries held out.
        public var queries: Int
        /// What the others chose.
        public var chosen: FusionChoice
        /// Its mean over these others.
        public var inner: Double
        /// Its mean over the queries held out.
        public var outer: Double
    }

    /// The index directory.
    public var index: String
    /// What was maximised.
    public var measure: String
    /// Judged queries.
    public var queries: Int
    /// Combinations tried.
    public var combinations: Int
    /// Which query was in which fold follows from it.
    public var seed: UInt64
    /// What the index does now.
    public var now: FusionChoice
    /// What that measures.
    public var current: Estimate
    /// What all queries choose.
    public var chosen: FusionChoice
    /// What that measures on the queries that chose it: too good.
    public var apparent: Double
    /// What a choice measures on queries that had no part in it.
    public var estimate: Estimate
    /// The difference of that to what the index does now, query by query.
    public var gain: Estimate
    /// The folds.
    public var folds: [Fold]
    /// Each parameter around the choice.
    public var curve: [Point]
    /// What a reader should know before trusting the choice, as sentences.
    public var warnings: [String] = []

    init(_ tuner: FusionTuner, _ grid: TuningGrid, _ values: [[Double]]) {
        let (measure, seed) = (tuner.measure, tuner.seed)
        let validation = NestedValidation(values: values, folds: tuner.folds, seed: seed, preferred: grid.current)
        index = tuner.index.directory
        self.measure = "\(measure)"
        queries = values.count
        combinations = grid.count
        self.seed = seed
        now = grid[grid.current]
        let before = values.map { $0[grid.current] }
        current = Estimate(before, seed)
        let best = grid[validation.chosen]
        chosen = best
        apparent = validation.apparent
        estimate = Estimate(validation.outer, seed)
        gain = Estimate(zip(validation.outer, before).map { $0 - $1 }, seed)
        folds = validation.folds.map {
            Fold(queries: $0.queries.count, chosen: grid[$0.chosen], inner: $0.inner, outer: $0.outer)
        }
        curve = Self.parameters.flatMap { parameter in
            (0..<grid.count).compactMap { place -> Point? in
                let choice = grid[place]
                let isAround = Self.parameters.allSatisfy {
                    $0 == parameter || Self.value($0, choice) == Self.value($0, best)
                }
                guard isAround else { return nil }
                let own = values.map { $0[place] }
                return Point(
                    parameter: parameter, value: Self.value(parameter, choice), estimate: Estimate(own, seed),
                    difference: Estimate(zip(own, before).map { $0 - $1 }, seed), isChosen: choice == best)
            }
        }
        warnings = found()
    }

    private static let parameters = ["weight", "scores", "bm25", "idf power"]

    private static func value(_ parameter: String, _ choice: FusionChoice) -> String {
        switch parameter {
        case "weight": choice.weight.formatted
        case "scores": choice.scores
        case "bm25": "k1 \(choice.k1) b \(choice.b)"
        default: choice.idfPower.formatted
        }
    }

    /// Whether the choice is another one than the index's, and not worse on queries that had no part in it.
    public var isWorthStoring: Bool { chosen != now && gain.mean > 0 }

    private func found() -> [String] {
        var found: [String] = []
        if queries < Self.fewQueries {
            found.append(
                "\(queries) judged queries are few: choices among \(combinations) combinations need "
                    + "\(Self.fewQueries) or more to be more than chance.")
        }
        let promised = apparent - current.mean
        if promised > 0, gain.mean < promised / 2 {
            found.append(
                "overfitting: the choice promises \(Self.signed(promised)) on the queries that made it, and keeps "
                    + "\(Self.signed(gain.mean)) on queries that had no part in it.")
        }
        if chosen != now, gain.low <= 0 {
            let interval = "the interval of the gain, \(Self.signed(gain.low)) to \(Self.signed(gain.high)), "
            found.append(interval + (gain.high < 0 ? "lies below 0: it is a loss." : "holds 0: it may be chance."))
        }
        let choices = Set(folds.map(\.chosen.flags)).count
        if choices > 1, choices == folds.count {
            found.append("every fold chose something else: the queries do not agree on a best combination.")
        }
        return found
    }

    /// Below this, a choice is mostly noise.
    static let fewQueries = 50

    private static func signed(_ value: Double) -> String {
        let rounded = (value * 10_000).rounded() / 10_000
        return (rounded < 0 ? "" : "+") + "\(rounded)"
    }
}
