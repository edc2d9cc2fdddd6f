import ByteStrings
import InvertedIndex

/// What a mode of search costs on an index: time, arithmetic, bytes.
public struct SearchCost: Sendable {
    /// One for each query, in their order.
    public let milliseconds: [Double]
    /// Σ over a query's terms of the share of documents that hold the term, mean over the queries: multiplications for each document.
    ///
    /// Source: Paria et al., "Minimizing FLOPs to Learn Efficient Sparse Representations", ICLR 2020, eq. 2.
    public let flops: Double
    /// Of the posting lists that the mode reads, with bounds and dictionary.
    public let bytes: Int

    /// The cost of a batch that was answered by one mode.
    /// - Throws: `IndexError`.
    /// - Complexity: O(distinct query terms) dictionary look-ups.
    public init(of batch: BatchAnswer, in index: SearchIndex, _ options: SearchOptions) throws {
        milliseconds = batch.latencies.map { $0 * 1000 }
        var shares: [Field: [ByteString: Double]] = [:]
        let documents = Double(max(1, index.snapshot.documentCount))
        var (sum, used) = (0.0, Set<Field>())
        for (topic, answer) in batch.answers {
            var queries = [Query(field: .learned, terms: answer.learnedTerms)]
            if answer.mode != .splade { queries.append(index.wordQuery(topic.text, options.bm25InForce)) }
            for query in queries {
                for term in query.terms {
                    let name = ByteString(term.term)
                    let share: Double
                    if let known = shares[query.field]?[name] {
                        share = known
                    } else {
                        let frequency = try index.snapshot.documentFrequency(of: term.term, field: query.field)
                        share = Double(frequency) / documents
                        shares[query.field, default: [:]][name] = share
                    }
                    sum += share
                    used.insert(query.field)
                }
            }
        }
        flops = batch.answers.isEmpty ? 0 : sum / Double(batch.answers.count)
        bytes = try index.snapshot.statistics().fields.reduce(0) { $0 + (used.contains($1.field) ? $1.bytes : 0) }
    }

    /// Milliseconds that `share` of the queries stay within, 0…1; 0 without queries.
    public func milliseconds(atPercentile share: Double) -> Double {
        Percentile.nearestRank(share, of: milliseconds.sorted())
    }
}
