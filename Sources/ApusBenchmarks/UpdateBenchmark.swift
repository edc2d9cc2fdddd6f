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
            segments are joined beside it. A row after 1, 10, 100 … commits says of the commits since the row before: milliseconds by \
            the clock, bytes handed to the system (wchar of /proc/self/io) and bytes of pages sent to the disk (write_bytes) for each \
            byte of titles, texts and metadata added; and of that moment: segments, and the mean milliseconds of a BM25 search for ten \
            documents without their texts. The last rows are the sum, and the same search when all segments are joined into one. \
            The index is changed: take a copy. Run it under 'eatmydata' to see what syncing costs.
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

    @Flag(inversion: .prefixedNo, help: "Join all segments in the end, to search beside one.")
    var joins = true

    func run() async throws {
        let queries = try Topics.read(topics).prefix(200).map(\.text)
        var updater: IndexUpdater? = try IndexUpdater(index)
        let reader = try CorpusReader(path: corpus, format: nil)
        var searched = try SearchIndex(index)
        try StandardOutput.print(
            "| commits | p50 ms | p95 ms | p99 ms | largest ms | segments | wchar a byte | write_bytes a byte | search ms |\n"
                + "|---|---|---|---|---|---|---|---|---|")
        try StandardOutput.print(
            "| 0 | | | | | \(searched.snapshot.segmentCount) | | | \(try latency(queries, searched)) |")
        let start = Row()
        var (row, all) = (start, start)
        var edge = 1
        for number in 1...commits {
            guard var document = try reader.next() else { break }
            if !replace { document.id = "update-\(number)-\(document.id)" }
            let began = ContinuousClock.now
            try await updater?.update([document])
            let commit = try await updater?.commit()
            let time = (ContinuousClock.now - began).seconds * 1000
            let bytes = document.title.utf8.count + document.text.utf8.count + (document.metadata?.utf8.count ?? 0)
            row.add(time, bytes)
            all.add(time, bytes)
            guard number == edge || number == commits else { continue }
            if number == edge { edge *= 10 }
            searched = try searched.refresh()
            try StandardOutput.print(
                "| \(number) | \(row.cells(segments: commit?.segments ?? 0)) | \(try latency(queries, searched)) |")
            row = Row()
        }
        try StandardOutput.print("| all | \(all.cells(segments: searched.snapshot.segmentCount)) | |")
        let seconds = all.times.reduce(0, +) / 1000
        let rate = String(format: "%.0f", Double(all.times.count) / max(seconds, 1e-9))
        updater = nil
        if joins {
            _ = try await SegmentJoining().run(index)
            searched = try searched.refresh()
            try StandardOutput.print("| joined | | | | | 1 | | | \(try latency(queries, searched)) |")
        }
        try StandardOutput.print("\n\(all.times.count) commits of one document: \(rate) a second.")
    }

    /// Mean milliseconds of a search, of the fastest of five rounds.
    private func latency(_ queries: [String], _ index: SearchIndex) throws -> String {
        var options = SearchOptions()
        options.mode = .bm25
        options.hits = 10
        var best = Double.infinity
        for _ in 0..<5 {
            let began = ContinuousClock.now
            for query in queries { _ = try index.search(query, options) }
            best = min(best, (ContinuousClock.now - began).seconds * 1000 / Double(max(1, queries.count)))
        }
        return String(format: "%.3f", best)
    }

    /// What happened since it was made.
    private struct Row {
        private(set) var times: [Double] = []
        private var text = 0
        private let before = Row.io()

        mutating func add(_ time: Double, _ bytes: Int) {
            times.append(time)
            text += bytes
        }

        func cells(segments: Int) -> String {
            let sorted = times.sorted()
            let percentiles = [0.5, 0.95, 0.99, 1].map { share in
                sorted.isEmpty
                    ? "" : String(format: "%.2f", sorted[min(sorted.count - 1, Int(share * Double(sorted.count)))])
            }
            let now = Row.io()
            let ratios = zip(now, before).map { String(format: "%.1f", Double($0 - $1) / Double(max(1, text))) }
            return (percentiles + ["\(segments)"] + ratios).joined(separator: " | ")
        }

        /// Bytes that this process has handed to the system to write, and bytes of pages that were to go to the disk.
        private static func io() -> [Int] {
            let lines = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8))?.split(separator: "\n") ?? []
            return ["wchar: ", "write_bytes: "].map { name in
                lines.first { $0.hasPrefix(name) }.flatMap { Int($0.dropFirst(name.count)) } ?? 0
            }
        }
    }
}
