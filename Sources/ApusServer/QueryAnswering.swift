import Apus
import Hummingbird

/// Answers queries on the server's own threads, and measures where their time goes.
struct QueryAnswering: Sendable {
    let pool: WorkerPool
    let encoding: EncodingQueue
    let metrics: ServerMetrics

    /// A piece of work on one of the threads; how long it waited is measured.
    /// - Parameter isBegun: Whether others worked for it already.
    /// - Throws: ``ServerError/busy``; what `body` throws.
    func run<Value: Sendable>(
        isBegun: Bool = false, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let done = try await pool.run(isBegun: isBegun, body)
        metrics.took(.wait, done.waited)
        return done.value
    }

    /// An answer, for a piece of work.
    /// - Parameters:
    ///   - vector: The learned query, where the client brought it.
    ///   - encoded: What ``encoded(_:_:_:)`` made of the text otherwise.
    func search(
        _ text: String, vector: [QueryTerm]? = nil, encoded: SparseVector?, _ options: SearchOptions,
        in index: SearchIndex
    ) throws -> SearchAnswer {
        let start = ContinuousClock.now
        defer { metrics.took(.traverse, ContinuousClock.now - start) }
        return try index.search(text, vector: vector, encoded: encoded, options)
    }

    /// Documents, for a piece of work.
    func fetch(_ ids: [String], in index: SearchIndex) throws -> [ByteString: CorpusDocument] {
        let start = ContinuousClock.now
        defer { metrics.took(.fetch, ContinuousClock.now - start) }
        return try index.documents.documents(ids)
    }

    /// A query's vector.
    struct Encoded: Sendable {
        /// Nil where the mode needs none, the client brought it, or the encoder is missing.
        var vector: SparseVector?
        /// Whether it was worked for, so that refusing the query now would waste that.
        var isBegun = false
    }

    /// The text's vector, encoded with those of other requests.
    func encoded(_ text: String, _ options: SearchOptions, _ index: SearchIndex) async throws -> Encoded {
        guard index.modeInForce(options).needsLearnedTerms, let encoder = try index.encoder() else { return Encoded() }
        let side = options.side ?? encoder.description.defaultQuerySide
        let start = ContinuousClock.now
        defer { metrics.took(.encode, ContinuousClock.now - start) }
        // A look into a table is cheaper than waiting for a thread.
        if side == .inferenceFree { return Encoded(vector: try encoder.encodeQuery(text, side: side)) }
        return Encoded(vector: try await encoding.encode(text, encoder, side: side), isBegun: true)
    }
}
