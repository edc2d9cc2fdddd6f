public import ByteStrings
public import CorpusFormats
public import InvertedIndex
import ParallelWork
public import RetrievalEvaluation

/// Learns from judged queries how an index should fuse its two lists: normalisation, weight, BM25's parameters, power of idf.
///
/// ```swift
/// let report = try FusionTuner(SearchIndex("Indexes/mine"), measure: measure).learn(topics, qrels: qrels)
/// if let report, report.isWorthStoring { try await FusionTuner.store(report.chosen, in: "Indexes/mine") }
/// ```
///
/// Every combination is measured on every query; `NestedValidation` says which is best and what to expect of it.
public struct FusionTuner: Sendable {
    /// The index.
    public let index: SearchIndex
    /// Side of the model, filter, boosts, depth.
    public var options = SearchOptions()
    /// What is maximised.
    public var measure: Measure
    /// How many parts the queries are dealt out to.
    public var folds = 5
    /// Which query is in which part.
    public var seed: UInt64 = 42
    /// Queries side by side.
    public var threads = 1

    /// Weights of the learned list that are tried, with the index's own.
    static let weights = (0...20).map { Double($0) / 20 }
    /// BM25's parameters that are tried, with the index's own.
    static let bm25 = [(0.9, 0.4), (1.2, 0.75), (1.5, 0.6), (0.6, 0.2), (2, 0.9)].map {
        BM25Parameters(k1: Float($0.0), b: Float($0.1))
    }
    /// Powers of idf that are tried, with the index's own.
    static let powers = [0, 0.25, 0.5, 0.75, 1]

    /// A tuner for an index.
    /// - Throws: ``ApusError/nothingToFuse(index:)`` where it has no learned field.
    public init(_ index: SearchIndex, measure: Measure) throws {
        guard index.hasLearned else { throw ApusError.nothingToFuse(index: index.directory) }
        self.index = index
        self.measure = measure
    }

    /// Measures every combination.
    /// - Parameters:
    ///   - topics: The queries; those without judgements are left out.
    ///   - qrels: Their judgements.
    ///   - vectors: Learned queries by topic id, computed elsewhere; nil encodes the texts.
    ///   - progress: Called after each query with the share of the work that is done, 0…1, from any thread.
    ///   - isCancelled: Asked before each query.
    /// - Returns: Nil when cancelled.
    /// - Throws: `IndexError`, `EncoderError`, ``ApusError/noLearnedQueries(index:)``, ``ApusError/tooFewQueries(judged:needed:)``.
    public func learn(
        _ topics: [Topic], qrels: Qrels, vectors: [ByteString: [QueryTerm]]? = nil,
        progress: @Sendable (Double) -> Void = { _ in }, isCancelled: @Sendable () -> Bool = { false }
    ) throws -> FusionTuningReport? {
        let judged = topics.filter { qrels.grades[ByteString($0.id)] != nil }
        guard judged.count >= 2 * folds else {
            throw ApusError.tooFewQueries(judged: judged.count, needed: 2 * folds)
        }
        if vectors == nil, try index.encoder() == nil { throw ApusError.noLearnedQueries(index: index.directory) }
        let grid = TuningGrid(index.settings)
        let values = try ParallelMap.map(count: judged.count, threads: threads, chunk: 1) { range in
            try range.map { place -> [Double] in
                if isCancelled() { return [] }
                let topic = judged[place]
                let values = try measured(
                    topic, grid, qrels.grades[ByteString(topic.id)] ?? [:],
                    vectors.map { $0[ByteString(topic.id)] ?? [] })
                progress(Double(place + 1) / Double(judged.count))
                return values
            }
        }
        if isCancelled() { return nil }
        return FusionTuningReport(self, grid, values)
    }

    /// The measure at each point of the grid for one query.
    private func measured(
        _ topic: Topic, _ grid: TuningGrid, _ judgements: [ByteString: Int], _ vector: [QueryTerm]?
    ) throws -> [Double] {
        var options = options.resolved(by: index.settings)
        options.hits = options.depth
        func list(_ query: Query) throws -> [ScoredDocument] {
            try index.run(query, k: options.depth, topic.text, options, SearchLimits()).hits.map {
                ScoredDocument(id: $0.id, score: $0.score)
            }
        }
        let learned = try grid.powers.map { power -> [ScoredDocument]? in
            options.idfPower = power
            guard case .made(let made) = try index.learnedQuery(topic.text, vector, options) else { return nil }
            return try list(made.query)
        }
        let words = try grid.bm25.map { try list(index.wordQuery(topic.text, $0)) }
        let fusion = FusionGrid(
            normalizations: grid.scores.map(\.normalization), weights: grid.weights, measure: measure)
        var values: [Double] = []
        values.reserveCapacity(grid.count)
        for learned in learned {
            for words in words {
                if let learned {
                    values += fusion.values(words, learned, judgements: judgements)
                } else {
                    // BM25 answers alone, as in a search.
                    let alone = FusionGrid(normalizations: [.none], weights: [0], measure: measure)
                        .values(words, [], judgements: judgements)
                    values += Array(repeating: alone[0], count: fusion.count)
                }
            }
        }
        return values
    }

    /// Makes a choice the index's own, in a commit of its own; searches that ask for nothing else use it from then on.
    /// - Returns: The number of the commit.
    /// - Throws: `IndexError`, also while another process writes.
    @discardableResult public static func store(_ choice: FusionChoice, in directory: String) async throws -> Int {
        let writer = try IndexWriter.open(at: directory, vocabulary: [], texts: DocumentFileWriter())
        // Under the lock, so that nothing that came meanwhile is undone.
        var settings = try IndexSettings(of: IndexSnapshot.open(directory), directory: directory)
        settings.fusion = choice.fusion
        settings.bm25 = choice.bm25
        settings.idfPower = choice.idfPower
        await writer.setMetadata(settings.metadata)
        return try await writer.commit().generation
    }
}

/// The combinations that are tried, in the order of the values of a query: power, BM25, normalisation, weight.
struct TuningGrid: Sendable {
    let powers: [Double]
    let bm25: [BM25Parameters]
    let scores = Fusion.Convex.allCases
    let weights: [Double]
    /// The place of what the index does now.
    let current: Int

    init(_ settings: IndexSettings) {
        func with<Value: Equatable>(_ own: Value, _ tried: [Value]) -> [Value] {
            tried.contains(own) ? tried : tried + [own]
        }
        let now = settings.fusion ?? .minMax(weight: SearchOptions.usualWeight)
        let weight = now.weights.last ?? SearchOptions.usualWeight
        powers = with(settings.idfPower, FusionTuner.powers).sorted()
        bm25 = with(settings.bm25, FusionTuner.bm25)
        weights = with(weight, FusionTuner.weights).sorted()
        let power = powers.firstIndex(of: settings.idfPower) ?? 0
        let parameters = bm25.firstIndex(of: settings.bm25) ?? 0
        let name = scores.firstIndex { $0.rawValue == now.methodName } ?? 0
        current =
            ((power * bm25.count + parameters) * scores.count + name) * weights.count
            + (weights.firstIndex(of: weight) ?? 0)
    }

    var count: Int { powers.count * bm25.count * scores.count * weights.count }

    /// The combination at a place.
    subscript(place: Int) -> FusionChoice {
        var rest = place
        func take(_ count: Int) -> Int {
            defer { rest /= count }
            return rest % count
        }
        let weight = weights[take(weights.count)]
        let scores = scores[take(scores.count)]
        let parameters = bm25[take(bm25.count)]
        return FusionChoice(scores: scores, weight: weight, bm25: parameters, idfPower: powers[rest])
    }
}
