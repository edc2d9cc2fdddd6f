public import Apus
public import ArgumentParser
import ByteStrings
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
            Every query is first replayed exhaustively and compared hit for hit. Times are milliseconds of this thread's \
            CPU per query; the traversals take turns, each over all queries. Prints a Markdown table. Besides, for fused \
            queries: the way without them, two searches 1,000 deep and their min-max fusion; a query without terms, which \
            is what a call costs; and with --threads the time by the clock on that many threads beside one.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics.", completion: .file())
    var topics: String?

    @Option(help: "Learned queries computed elsewhere, {\"id\", \"vector\": {term: weight}}.", completion: .file())
    var queryVectors: String?

    @Option(help: "Use only the first N topics.")
    var limit: Int?

    @Option(name: [.customShort("k"), .long], help: "Depths to measure, comma-separated.")
    var hits = "10,1000"

    @Option(help: "Rounds over all topics.")
    var rounds = 3

    @Option(name: .shortAndLong, help: "Also time each query on N threads, by the clock, turn about with one.")
    var threads = 1

    @Option(help: "Traversals to measure, comma-separated; or all.")
    var traversals = "automatic,exhaustive"

    func validate() throws {
        guard topics != nil || queryVectors != nil else {
            throw ValidationError("Give --topics FILE, --query-vectors FILE, or both.")
        }
        guard limit.map({ $0 > 0 }) ?? true, rounds > 0, threads > 0 else {
            throw ValidationError("'--limit', '--rounds' and '--threads' must be at least 1.")
        }
        _ = try (depths(), chosenTraversals())
    }

    private func depths() throws -> [Int] {
        try hits.split(separator: ",", omittingEmptySubsequences: false).map { text in
            guard let depth = Int(text), depth > 0 else {
                throw ValidationError("'-k' takes whole numbers of at least 1, not '\(text)'.")
            }
            return depth
        }
    }

    private func chosenTraversals() throws -> [Traversal] {
        if traversals == "all" { return Traversal.allCases }
        return try traversals.split(separator: ",").map { name in
            guard let traversal = Traversal(rawValue: String(name)) else {
                throw ValidationError("'--traversals' does not know '\(name)'.")
            }
            return traversal
        }
    }

    func run() throws {
        let opened = try SearchIndex(index)
        let imported = try queryVectors.map { try QueryVectors.read($0) }
        var queries = try topics.map { try Topics.read($0) } ?? imported?.topics ?? []
        if let limit { queries = Array(queries.prefix(limit)) }
        try StandardOutput.print(
            "| field | k | traversal | mean ms | p50 | p95 | p99 | postings touched | ranges scored | fell back |")
        try StandardOutput.print("|---|---|---|---|---|---|---|---|---|---|")
        let words = topics == nil ? [] : queries.map { opened.wordQuery($0.text, BM25Parameters()) }
        let learned = try learnedQueries(queries, imported, opened)
        let snapshot = opened.snapshot
        for k in try depths() {
            try measure("text", k, words) { try snapshot.search($0, k: k, traversal: $1, threads: $2) }
            try measure("learned", k, learned) { try snapshot.search($0, k: k, traversal: $1, threads: $2) }
            let fused = zip(words, learned).map { FusedQuery(text: $0, learned: $1) }
            try measure("fused", k, fused) { try snapshot.search($0, k: k, traversal: $1, threads: $2) }
            try measureTwoSearches(snapshot, k, fused)
        }
        try measureEmpty(snapshot)
        if topics != nil { try measureEndToEnd(opened, queries) }
    }

    private func learnedQueries(_ topics: [Topic], _ imported: QueryVectors?, _ opened: SearchIndex) throws -> [Query] {
        if let imported {
            let power = opened.settings.idfPower
            return topics.map {
                Query(field: .learned, terms: imported.terms[ByteString($0.id)] ?? [], idfPower: power)
            }
        }
        guard let encoder = try opened.encoder() else { return [] }
        let side = encoder.description.defaultQuerySide
        return try topics.map { try opened.learnedQuery($0.text, encoder, side).query }
    }

    private func measure<Q>(
        _ name: String, _ k: Int, _ queries: [Q], _ search: (Q, Traversal, Int) throws -> SearchResult
    ) throws {
        let traversals = try chosenTraversals()
        var times = Dictionary(uniqueKeysWithValues: traversals.map { ($0, Latencies()) })
        var counters = Dictionary(uniqueKeysWithValues: traversals.map { ($0, [SearchCounters]()) })
        for query in queries {
            let expected = try search(query, .exhaustive, 1).hits
            for traversal in traversals {
                let found = try search(query, traversal, 1)
                let isRight = try threads == 1 || search(query, traversal, threads).hits == expected
                guard isRight, found.hits == expected else { throw BenchmarkError.wrongHits(traversal.rawValue) }
                counters[traversal, default: []].append(found.counters)
            }
        }
        for _ in 0..<rounds {
            for traversal in traversals {
                for query in queries {
                    times[traversal, default: Latencies()].add(
                        try ThreadClock.milliseconds { _ = try search(query, traversal, 1) })
                }
            }
        }
        for traversal in traversals {
            let all = counters[traversal] ?? []
            func mean(_ part: (SearchCounters) -> Int) -> Int { all.reduce(0) { $0 + part($1) } / max(1, all.count) }
            try row(
                "\(name) | \(k) | \(traversal.rawValue)", times[traversal] ?? Latencies(),
                "\(mean(\.postings)) | \(mean(\.rangesScored)) of \(mean(\.ranges)) | \(all.count { $0.fallbacks > 0 })"
            )
        }
        if threads > 1 { try measureThreads("\(name) | \(k)", queries) { try search($0, .automatic, $1) } }
    }

    /// Milliseconds by the clock, turn about query by query.
    private func measureThreads<Q>(
        _ name: String, _ queries: [Q], _ search: (Q, Int) throws -> SearchResult
    ) throws {
        let counts = [1, threads]
        var times = counts.map { _ in Latencies() }
        let clock = ContinuousClock()
        for _ in 0..<rounds {
            for query in queries {
                for (place, count) in counts.enumerated() {
                    let time = try clock.measure { _ = try search(query, count) }
                    times[place].add(time / .milliseconds(1))
                }
            }
        }
        for (count, times) in zip(counts, times) {
            try row("\(name) | automatic, \(count) threads, clock", times, " | | ")
        }
    }

    /// What a fused query replaces.
    private func measureTwoSearches(_ snapshot: IndexSnapshot, _ k: Int, _ queries: [FusedQuery]) throws {
        var times = Latencies()
        for _ in 0..<rounds {
            for query in queries {
                times.add(
                    try ThreadClock.milliseconds {
                        let lists = try [query.text, query.learned].map { try snapshot.search($0, k: 1000).hits }
                            .map { hits in hits.map { ($0.id, $0.score) } }
                        _ = Fusion.minMax(weight: SearchOptions.usualWeight).fuse(
                            bm25: lists[0], learned: lists[1], k: k)
                    })
            }
        }
        try row("two searches, 1,000 deep, fused | \(k) | automatic", times, " | | ")
    }

    private func measureEmpty(_ snapshot: IndexSnapshot) throws {
        let empty = Query(field: .learned, terms: [])
        var times = Latencies()
        for _ in 0..<1000 {
            // A hundred at a time: the clock itself takes longer than one.
            times.add(
                try ThreadClock.milliseconds {
                    for _ in 0..<100 { _ = try snapshot.search(empty, k: 10) }
                } / 100)
        }
        try row("no term | 10 | automatic", times, " | | ", decimals: 5)
    }

    private func measureEndToEnd(_ opened: SearchIndex, _ queries: [Topic]) throws {
        let hasEncoder = try opened.encoder() != nil
        let modes = SearchMode.allCases.filter { hasEncoder || !$0.needsLearnedTerms }
        for mode in modes {
            var options = SearchOptions()
            options.mode = mode
            var times = Latencies()
            for topic in queries {
                times.add(try ThreadClock.milliseconds { _ = try opened.search(topic.text, options) })
            }
            try row("\(mode.rawValue), text to hits | 10 | automatic", times, " | | ")
        }
    }

    private func row(_ label: String, _ times: Latencies, _ rest: String, decimals: Int = 3) throws {
        var times = times
        guard times.count > 0 else { return }
        let values = [times.mean] + [0.5, 0.95, 0.99].map { times.percentile($0) }
        let cells = values.map { String(format: "%.\(decimals)f", $0) }.joined(separator: " | ")
        try StandardOutput.print("| \(label) | \(cells) | \(rest) |")
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
