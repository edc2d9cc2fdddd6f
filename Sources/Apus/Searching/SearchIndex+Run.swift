public import ByteStrings
public import CorpusFormats
public import InvertedIndex
import ParallelWork
public import RetrievalEvaluation
import Synchronization

/// The answers to a file of topics.
public struct BatchAnswer: Sendable {
    /// The answers, in the order of the topics.
    public var answers: [(topic: Topic, answer: SearchAnswer)]
    /// Seconds per query, in the order of the topics.
    public var latencies: [Double]
    /// Seconds of wall time for all.
    public var seconds: Double

    /// As a run, for evaluation.
    public var run: Run {
        var rankings: [ByteString: [ScoredDocument]] = [:]
        for (topic, answer) in answers {
            // The scores that a run file would hold, so that both ways of evaluating see the same order.
            let scores = RunWriter.strictlyDecreasing(answer.documents.map(\.score))
            rankings[ByteString(topic.id)] = zip(answer.documents, scores).map {
                ScoredDocument(id: $0.id, score: Double($1))
            }
        }
        return Run(tag: answers.first?.answer.tag ?? "apus", rankings: rankings)
    }

    /// How many queries BM25 answered in place of the mode asked for.
    public var fallbacks: Int { answers.count(where: \.answer.isFallback) }

    /// How many queries are longer than the encoder reads, so that their ends had no part in the learned query.
    public var truncated: Int { answers.count(where: \.answer.isTruncated) }

    /// Milliseconds that `share` of the queries stay within, 0…1; 0 without queries.
    public func milliseconds(atPercentile share: Double) -> Double {
        Percentile.nearestRank(share, of: latencies.sorted()) * 1000
    }

    /// Mean milliseconds per query; 0 without queries.
    public var meanMilliseconds: Double {
        latencies.isEmpty ? 0 : latencies.reduce(0, +) / Double(latencies.count) * 1000
    }
}

extension SearchIndex {
    /// Answers many queries on `threads` threads.
    /// - Parameters:
    ///   - topics: The queries.
    ///   - vectors: Learned queries by topic id, computed elsewhere; nil encodes the texts.
    ///   - options: How to search, the same for all.
    ///   - threads: How many run side by side.
    ///   - progress: Called after each query with the number that are done.
    /// - Throws: The first error of any query.
    public func search(
        _ topics: [Topic], vectors: [ByteString: [QueryTerm]]? = nil, _ options: SearchOptions = SearchOptions(),
        threads: Int = 1,
        progress: @Sendable (Int) -> Void = { _ in }
    ) throws -> BatchAnswer {
        if options.mode != .bm25, vectors == nil { _ = try encoder() }  // Loaded before the clock starts.
        let clock = ContinuousClock()
        let start = clock.now
        let done = Atomic(0)
        let found = try ParallelMap.map(count: topics.count, threads: threads, chunk: 1) { range in
            try range.map { place in
                let begin = clock.now
                let topic = topics[place]
                let answer = try search(
                    topic.text, vector: vectors.map { $0[ByteString(topic.id)] ?? [] }, options, topic: topic.id)
                let seconds = (clock.now - begin).seconds
                progress(done.add(1, ordering: .relaxed).newValue)
                return (answer: answer, seconds: seconds)
            }
        }
        return BatchAnswer(
            answers: zip(topics, found).map { ($0, $1.answer) }, latencies: found.map(\.seconds),
            seconds: (clock.now - start).seconds)
    }
}
