import ByteStrings
import CorpusFormats
import Dispatch
import InvertedIndex
import RetrievalEvaluation
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
        struct State {
            var next = 0
            var done = 0
            var answers: [SearchAnswer?]
            var latencies: [Double]
            var error: (any Error)?
        }
        if options.mode != .bm25, vectors == nil { _ = try encoder() }  // Loaded before the clock starts.
        let clock = ContinuousClock()
        let start = clock.now
        let state = Mutex(
            State(
                answers: Array(repeating: nil, count: topics.count),
                latencies: Array(repeating: 0, count: topics.count)))
        DispatchQueue.concurrentPerform(iterations: max(1, min(threads, topics.count))) { _ in
            while let index = state.withLock({ state -> Int? in
                guard state.error == nil, state.next < topics.count else { return nil }
                defer { state.next += 1 }
                return state.next
            }) {
                let begin = clock.now
                let topic = topics[index]
                let result = Result {
                    try search(topic.text, vector: vectors.map { $0[ByteString(topic.id)] ?? [] }, options)
                }
                let seconds = (clock.now - begin).seconds
                let done = state.withLock { state in
                    switch result {
                    case .success(let answer): state.answers[index] = answer
                    case .failure(let error): state.error = error
                    }
                    state.latencies[index] = seconds
                    state.done += 1
                    return state.done
                }
                progress(done)
            }
        }
        return try state.withLock { state in
            if let error = state.error { throw error }
            return BatchAnswer(
                answers: zip(topics, state.answers).compactMap { topic, answer in answer.map { (topic, $0) } },
                latencies: state.latencies, seconds: (clock.now - start).seconds)
        }
    }
}
