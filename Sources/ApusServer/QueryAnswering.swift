import Apus
import Hummingbird

/// Answers queries on the server's own threads, and measures where their time goes.
struct QueryAnswering: Sendable {
    let pool: WorkerPool
    let encoding: EncodingQueue
    let metrics: ServerMetrics

    /// The answer to a query.
    /// - Parameters:
    ///   - vector: The learned query, where the client brought it.
    ///   - encoded: What ``encoded(_:_:_:)`` made of the text otherwise.
    ///   - withTexts: Whether titles, texts and metadata are looked up.
    /// - Throws: ``ServerError/busy``; as `SearchIndex.search`.
    func answer(
        _ text: String, vector: [QueryTerm]? = nil, encoded: SparseVector?, _ options: SearchOptions,
        in index: SearchIndex,
        withTexts: Bool
    ) async throws -> (answer: SearchAnswer, texts: [ByteString: CorpusDocument]) {
        let metrics = metrics
        let done = try await pool.run {
            let start = ContinuousClock.now
            let answer = try index.search(text, vector: vector, encoded: encoded, options)
            metrics.took(.traverse, ContinuousClock.now - start)
            guard withTexts else { return (answer: answer, texts: [ByteString: CorpusDocument]()) }
            let fetch = ContinuousClock.now
            let texts = try index.documents.documents(answer.documents.map(\.id))
            metrics.took(.fetch, ContinuousClock.now - fetch)
            return (answer: answer, texts: texts)
        }
        metrics.took(.wait, done.waited)
        return done.value
    }

    /// The text's vector, encoded with those of other requests; nil where the mode needs none, or the encoder is missing.
    func encoded(_ text: String, _ options: SearchOptions, _ index: SearchIndex) async throws -> SparseVector? {
        guard index.modeInForce(options).needsLearnedTerms, let encoder = try index.encoder() else { return nil }
        let side = options.side ?? encoder.description.defaultQuerySide
        let start = ContinuousClock.now
        defer { metrics.took(.encode, ContinuousClock.now - start) }
        // A look into a table is cheaper than waiting for a thread.
        if side == .inferenceFree { return try encoder.encodeQuery(text, side: side) }
        return try await encoding.encode(text, encoder, side: side)
    }
}
