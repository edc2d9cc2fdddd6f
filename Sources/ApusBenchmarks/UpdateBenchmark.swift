import Apus
import ArgumentParser
import Foundation

/// `apus-bench updates`
struct UpdateBenchmark: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "updates",
        abstract: "Commits of one document each to an index: time, segments, bytes written, search latency.",
        discussion: """
            Adds, and with --replace replaces, documents of a corpus one by one, each in a commit of its own, through the library; \
            segments are joined beside it. Every tenth part prints a row: milliseconds of a commit by the clock, segments, bytes that \
            the process wrote per byte of new segments, and the mean time of a BM25 search. The index is changed: take a copy. Run it \
            under 'eatmydata' to see what syncing costs.
            """)

    @Argument(help: "The index directory, built without a model.", completion: .directory)
    var index: String

    @Argument(help: "Documents.", completion: .file())
    var corpus: String

    @Option(help: "Topics, for the latency.", completion: .file())
    var topics: String

    @Option(help: "Commits.")
    var commits = 10_000

    @Flag(help: "The documents have ids of the index and take their places; without it they get new ids.")
    var replace = false

    func run() async throws {
        let queries = try Topics.read(topics).prefix(100)
        let updater = try IndexUpdater(index)
        let reader = try CorpusReader(path: corpus, format: nil)
        var searched = try SearchIndex(index)
        var text = 0
        var written = Self.written()
        var times: [Double] = []
        var all: [Double] = []
        try StandardOutput.print(
            "| commits | p50 ms | p95 ms | p99 ms | largest ms | segments | bytes written a byte of text | search ms |\n"
                + "|---|---|---|---|---|---|---|---|")
        for number in 1...commits {
            guard var document = try reader.next() else { break }
            if !replace { document.id = "update-\(number)-\(document.id)" }
            text += document.title.utf8.count + document.text.utf8.count + (document.metadata?.utf8.count ?? 0)
            let start = ContinuousClock.now
            try await updater.update([document])
            let commit = try await updater.commit()
            times.append((ContinuousClock.now - start).seconds * 1000)
            guard number % max(1, commits / 10) == 0 else { continue }
            searched = try searched.refresh()
            var options = SearchOptions()
            options.mode = .bm25
            let began = ContinuousClock.now
            for query in queries { _ = try searched.search(query.text, options) }
            let latency = (ContinuousClock.now - began).seconds * 1000 / Double(max(1, queries.count))
            let now = Self.written()
            let sorted = times.sorted()
            func percentile(_ share: Double) -> String {
                String(format: "%.2f", sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))])
            }
            let amplification = String(format: "%.1f", Double(now - written) / Double(max(1, text)))
            try StandardOutput.print(
                "| \(number) | \(percentile(0.5)) | \(percentile(0.95)) | \(percentile(0.99)) | \(percentile(1)) "
                    + "| \(commit.segments) | \(amplification) | \(String(format: "%.3f", latency)) |")
            all += times
            times = []
            (written, text) = (now, 0)
        }
        let seconds = all.reduce(0, +) / 1000
        try StandardOutput.print(
            "\n\(all.count) commits of one document: \(String(format: "%.0f", Double(all.count) / max(seconds, 1e-9))) a second."
        )
    }

    /// Bytes that this process has handed to the system to write.
    private static func written() -> Int {
        let lines = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8))?.split(separator: "\n") ?? []
        return lines.first { $0.hasPrefix("wchar: ") }.flatMap { Int($0.dropFirst(7)) } ?? 0
    }
}
