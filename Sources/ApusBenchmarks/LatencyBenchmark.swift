import Apus
import ArgumentParser
import CorpusFormats
import Foundation
import InvertedIndex

extension SearchMode: ExpressibleByArgument {}

/// `apus-bench latency`
struct LatencyBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Query latency of an index per mode and traversal, one thread, encoder included and apart.",
        discussion: """
            Every query is first replayed exhaustively and compared hit for hit. Times are wall milliseconds per query, \
            traversals alternate within each round. Prints a Markdown table.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics.", completion: .file())
    var topics: String

    @Option(help: "Use only the first N topics.")
    var limit: Int?

    @Option(name: [.customShort("k"), .long], help: "Depths to measure, comma-separated.")
    var hits = "10,1000"

    @Option(help: "Rounds over all topics.")
    var rounds = 3

    @Flag(help: "Measure every traversal, not only the planner's choice.")
    var allTraversals = false

    func run() throws {
        let opened = try SearchIndex(index)
        var queries = try Topics.read(topics)
        if let limit { queries = Array(queries.prefix(limit)) }
        print("| field | k | traversal | mean ms | p50 | p95 | p99 | postings touched |")
        print("|---|---|---|---|---|---|---|---|")
        for k in hits.split(separator: ",").compactMap({ Int($0) }) {
            try measure("text", k, queries.map { opened.wordQuery($0.text, BM25Parameters()) }, opened.snapshot)
            if let encoder = try opened.encoder() {
                let side = encoder.description.defaultQuerySide
                let encoded = try queries.map { try opened.learnedQuery($0.text, encoder, side) }
                try measure("learned", k, encoded, opened.snapshot)
            }
        }
        try measureEndToEnd(opened, queries)
    }

    private func measure(_ name: String, _ k: Int, _ queries: [Query], _ snapshot: IndexSnapshot) throws {
        let traversals = allTraversals ? Traversal.allCases : [.automatic, .exhaustive]
        var times = Dictionary(uniqueKeysWithValues: traversals.map { ($0, [Double]()) })
        var postings = Dictionary(uniqueKeysWithValues: traversals.map { ($0, 0) })
        for query in queries {
            let expected = try snapshot.search(query, k: k, traversal: .exhaustive).hits
            for traversal in traversals {
                let found = try snapshot.search(query, k: k, traversal: traversal)
                guard found.hits == expected else { throw BenchmarkError.wrongHits(traversal.rawValue) }
                postings[traversal, default: 0] += found.counters.postings
            }
        }
        let clock = ContinuousClock()
        for _ in 0..<rounds {
            for query in queries {
                for traversal in traversals {
                    let start = clock.now
                    _ = try snapshot.search(query, k: k, traversal: traversal)
                    times[traversal, default: []].append((clock.now - start).seconds * 1000)
                }
            }
        }
        for traversal in traversals {
            row(
                "\(name) | \(k) | \(traversal.rawValue)", times[traversal] ?? [],
                postings: (postings[traversal] ?? 0) / max(1, queries.count))
        }
    }

    private func measureEndToEnd(_ opened: SearchIndex, _ queries: [Topic]) throws {
        let clock = ContinuousClock()
        for mode in opened.hasLearned ? SearchMode.allCases : [.bm25] {
            var options = SearchOptions()
            options.mode = mode
            var times: [Double] = []
            for topic in queries {
                let start = clock.now
                _ = try opened.search(topic.text, options)
                times.append((clock.now - start).seconds * 1000)
            }
            row("\(mode.rawValue), text to hits | 10 | automatic", times, postings: nil)
        }
    }

    private func row(_ label: String, _ times: [Double], postings: Int?) {
        let sorted = times.sorted()
        guard !sorted.isEmpty else { return }
        func percentile(_ share: Double) -> Double { sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))] }
        let values = [sorted.reduce(0, +) / Double(sorted.count), percentile(0.5), percentile(0.95), percentile(0.99)]
        let cells = values.map { String(format: "%.3f", $0) }.joined(separator: " | ")
        print("| \(label) | \(cells) | \(postings.map(String.init) ?? "") |")
    }
}

/// A benchmark that must not go on.
enum BenchmarkError: Error, CustomStringConvertible {
    /// A traversal returned other hits than exhaustive scoring.
    case wrongHits(String)

    var description: String {
        switch self {
        case .wrongHits(let traversal): "Traversal '\(traversal)' returns other hits than exhaustive scoring."
        }
    }
}
