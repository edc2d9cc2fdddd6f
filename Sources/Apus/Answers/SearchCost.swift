import InvertedIndex

/// What a mode of search costs on an index: time, arithmetic, bytes.
public struct SearchCost: Sendable {
    /// One for each query, in their order.
    public let milliseconds: [Double]
    /// Σ over a query's terms of the share of documents that hold the term, mean over the queries: multiplications for each document.
    public let flops: Double
    /// Of the posting lists that the mode reads, with bounds and dictionary.
    public let bytes: Int

    /// The cost of a batch that was answered by one mode.
    /// - Throws: `IndexError`.
    /// - Complexity: O(distinct query terms) dictionary look-ups.
    public init(of batch: BatchAnswer, in index: SearchIndex, _ options: SearchOptions) throws {
        milliseconds = batch.latencies.map { $0 * 1000 }
        var work = QueryFLOPS(in: index.snapshot)
        for (topic, answer) in batch.answers {
            try work.add(Query(field: .learned, terms: answer.learnedTerms))
            if answer.mode != .splade { try work.add(index.wordQuery(topic.text, options.bm25InForce)) }
        }
        flops = batch.answers.isEmpty ? 0 : work.sum / Double(batch.answers.count)
        let used = work.fields
        bytes = try index.snapshot.statistics().fields.reduce(0) { $0 + (used.contains($1.field) ? $1.bytes : 0) }
    }

    /// Milliseconds that `share` of the queries stay within, 0…1; 0 without queries.
    public func milliseconds(atPercentile share: Double) -> Double {
        Percentile.nearestRank(share, of: milliseconds.sorted())
    }
}
