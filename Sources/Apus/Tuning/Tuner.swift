public import ByteStrings
public import CorpusFormats
public import InvertedIndex
import LearnedEncoder
public import RetrievalEvaluation

/// Measures approximate settings against exact search on given queries.
public struct Tuner {
    /// The index.
    public let index: SearchIndex
    /// Which ranking: learned or fused.
    public var mode = SearchMode.splade
    /// How a query is made: side of the model, BM25's parameters, fused weight and scaling.
    public var options = SearchOptions()
    /// Documents per query.
    public var hits = 10
    /// The recall wanted, 0…1.
    public var recall = 0.99
    /// How often each topic is timed with each setting.
    public var rounds = 3

    /// A tuner for an index.
    public init(_ index: SearchIndex) { self.index = index }

    private struct Topical {
        let topic: Topic
        let query: any TraversedQuery
        /// The documents that count as found, and how many of them there can be.
        var wanted: Set<UInt64> = []
        var count = 0
    }

    /// What one setting found, and its times.
    private struct Measurement {
        let setting: TuningSetting
        var recalls: [Double] = []
        var proved = 0
        var rankings: [ByteString: [ScoredDocument]] = [:]
        var times = Latencies()
        /// Milliseconds of the first pass, cold; good enough to tell what is not worth combining.
        var firstPass = 0.0
    }

    /// Measures.
    ///
    /// First every setting answers every topic, for recall; then the settings take turns, each over all topics, for time.
    /// - Parameters:
    ///   - topics: The queries.
    ///   - qrels: Their judgements, for nDCG@10 beside the recall; nil goes without.
    ///   - vectors: Learned queries by topic id, computed elsewhere; nil encodes the texts.
    ///   - progress: Called before each topic with the share of the work that is done, 0…1.
    ///   - isCancelled: Asked before each topic; when true, the report holds what was measured so far.
    /// - Throws: `IndexError`, `EncoderError` or ``ApusError/noLearnedQueries(index:)``.
    public func measure(
        _ topics: [Topic], vectors: [ByteString: [QueryTerm]]? = nil, qrels: Qrels? = nil,
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> TuningReport {
        var report = TuningReport(
            index: index.directory, mode: mode, hits: hits, topics: topics.count, rounds: rounds, wantedRecall: recall)
        var topical = try topics.map { Topical(topic: $0, query: try query($0, vectors, &report)) }
        for place in topical.indices where !isCancelled() { try setWanted(&topical[place]) }
        let snapshot = index.snapshot
        let longest = topical.map { $0.query.learnedTerms.terms.count }.max() ?? 0
        let grid = TuningSetting.grid(longest: longest, ranges: snapshot.rangeCount)
        let steps = Double((grid.count + TuningSetting.mostCombinations) * max(1, topics.count) * (rounds + 1))
        var done = 0.0
        func mayGoOn() -> Bool {
            progress(min(1, done / steps))
            done += 1
            return !isCancelled()
        }

        var measured: [Measurement] = []
        func findAll(_ settings: [TuningSetting]) throws {
            for setting in settings {
                var measurement = Measurement(setting: setting)
                for entry in topical {
                    guard mayGoOn() else { return }
                    try find(entry, qrels, &measurement)
                }
                measured.append(measurement)
            }
        }
        try findAll(grid)
        let exact = measured.first?.firstPass ?? 0
        let goodEnough = measured.filter { mean($0.recalls) >= recall && $0.firstPass < exact }.map(\.setting)
        let combinations = TuningSetting.combinations(goodEnough: goodEnough, longest: longest)
        try findAll(combinations.filter { $0.ranges ?? 0 < snapshot.rangeCount })

        timing: for _ in 0..<rounds {
            for place in measured.indices {
                let setting = measured[place].setting
                for entry in topical {
                    guard mayGoOn() else { break timing }
                    let query = try entry.query.cut(to: setting.queryTerms, in: snapshot).query
                    measured[place].times.add(
                        try ThreadClock.milliseconds { _ = try query.search(snapshot, k: hits, setting.limits) })
                }
            }
        }
        report.interrupted = isCancelled()
        let asked = Set(topics.map { ByteString($0.id) })
        let judged = qrels.map { Qrels(grades: $0.grades.filter { asked.contains($0.key) }) }
        report.rows = try measured.filter { $0.times.count > 0 }.map { try row($0, judged) }
        if let base = report.rows.first?.nDCG {
            for place in report.rows.indices {
                report.rows[place].nDCGDifference = report.rows[place].nDCG.map { $0 - base }
            }
        }
        return report
    }

    private func query(
        _ topic: Topic, _ vectors: [ByteString: [QueryTerm]]?, _ report: inout TuningReport
    ) throws -> any TraversedQuery {
        let options = options.resolved(by: index.settings)
        let learned: Query
        if let vectors {
            learned = index.weighted(vectors[ByteString(topic.id)] ?? [], options.idfPower)
        } else {
            guard let encoder = try index.encoder() else { throw ApusError.noLearnedQueries(index: index.directory) }
            let made = try index.learnedQuery(
                topic.text, encoder, options.side ?? encoder.description.defaultQuerySide, idfPower: options.idfPower)
            learned = made.query
            report.truncated += made.isTruncated ? 1 : 0
        }
        guard mode == .fused else { return learned }
        return index.fusedQuery(index.wordQuery(topic.text, options.bm25InForce), learned, options)
    }

    /// Finds the exact best documents with all that tie with the last of them.
    private func setWanted(_ entry: inout Topical) throws {
        var depth = hits
        while true {
            let found = try entry.query.search(index.snapshot, k: depth, SearchLimits()).hits
            entry.count = min(hits, found.count)
            guard entry.count > 0 else { return }
            let last = found[entry.count - 1].rawScore
            guard found.count == depth, depth < index.snapshot.documentCount, found[depth - 1].rawScore == last else {
                entry.wanted = Set(found.prefix { $0.rawScore >= last }.map(Self.key))
                return
            }
            depth *= 2
        }
    }

    private static func key(_ hit: Hit) -> UInt64 { UInt64(hit.segment) << 32 | UInt64(hit.docid) }

    private func find(_ entry: Topical, _ qrels: Qrels?, _ measurement: inout Measurement) throws {
        let (query, cutTerms) = try entry.query.cut(to: measurement.setting.queryTerms, in: index.snapshot)
        let start = ThreadClock.milliseconds
        let result = try query.search(index.snapshot, k: hits, measurement.setting.limits)
        measurement.firstPass += ThreadClock.milliseconds - start
        let found = result.hits.count { entry.wanted.contains(Self.key($0)) }
        measurement.recalls.append(entry.count == 0 ? 1 : Double(found) / Double(entry.count))
        measurement.proved += cutTerms == 0 && result.certificate.isExact ? 1 : 0
        let id = ByteString(entry.topic.id)
        if qrels?.grades[id] != nil {
            let best = result.hits.prefix(10)
            let scores = RunWriter.strictlyDecreasing(best.map(\.score))
            measurement.rankings[id] = zip(best, scores).map {
                ScoredDocument(id: $0.id, score: Double($1))
            }
        }
    }

    private func row(_ measurement: Measurement, _ qrels: Qrels?) throws -> TuningReport.Row {
        var times = measurement.times
        var row = TuningReport.Row(
            setting: measurement.setting, flags: measurement.setting.flags, recall: mean(measurement.recalls),
            worstRecall: measurement.recalls.min() ?? 1,
            provedExact: Double(measurement.proved) / Double(max(1, measurement.recalls.count)))
        row.mean = times.mean
        row.p50 = times.percentile(0.5)
        row.p99 = times.percentile(0.99)
        if let qrels, !qrels.grades.isEmpty {
            let run = Run(tag: measurement.setting.flags, rankings: measurement.rankings)
            row.nDCG = Evaluation(of: run, against: qrels, measures: try Measure.list(parsing: "nDCG@10")).means.first
        }
        return row
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 1 : values.reduce(0, +) / Double(values.count)
    }
}
