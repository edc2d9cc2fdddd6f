import Apus
public import ArgumentParser
import CorpusFormats
import Foundation
public import LearnedEncoder

extension Precision: ExpressibleByArgument {}

/// `apus-bench encode`
struct EncoderBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encode",
        abstract: "Tokens per second of an encoder, the time of a short query, and the memory it takes.",
        discussion: """
            Texts, one per line, are cut at --length tokens; give texts that are at least as long, for the figures count every \
            text as that many tokens. Tokenising is part of the time. Prints one JSON object per round; \
            Scripts/benchmarks/encoder alternates it with other engines.
            """)

    @Argument(help: "The texts, one per line.", completion: .file())
    var texts: String

    @Option(help: "The model's folder, bundled or tiny.", completion: .directory)
    var model = "bundled"

    @Option(help: "Arithmetic: automatic, f32, bf16 or int8.")
    var precision = Precision.automatic

    @Option(help: "Tokens of each text.")
    var length = 128

    @Option(help: "Tokens of each query.")
    var queryLength = 32

    @Option(name: .shortAndLong, help: "Threads.")
    var threads = 1

    @Option(help: "Rounds over all texts.")
    var rounds = 1

    func validate() throws {
        guard threads > 0, rounds > 0, length >= 8, queryLength >= 8 else {
            throw ValidationError("'--threads' and '--rounds' must be at least 1, the lengths at least 8.")
        }
    }

    /// What a round measured.
    private struct Round: Encodable {
        var precision: String
        var kernels: String
        var threads: Int
        var tokens: Int
        /// CPU seconds of the whole process, then seconds by the clock.
        var cpuSeconds, seconds: Double
        var tokensPerCPUSecond, tokensPerSecond: Double
        /// Milliseconds of CPU for one query, the middle of all.
        var queryMilliseconds: Double
        var loadSeconds: Double
        /// Megabytes.
        var peakMemory: Double
    }

    func run() throws {
        let lines = try String(contentsOfFile: texts, encoding: .utf8).split(separator: "\n").map(String.init)
        guard !lines.isEmpty else { throw ValidationError("'\(texts)' holds no texts.") }
        let clock = ContinuousClock()
        let start = clock.now
        guard let encoder = try ModelChoice(model).load(maximumLength: length, precision: precision) else {
            throw ValidationError("Give a model's folder, bundled or tiny.")
        }
        let loaded = (clock.now - start).seconds
        // Buffers are allocated and pages touched before the clock starts.
        _ = try encoder.encodeDocuments(Array(lines.prefix(4 * threads)), threads: threads)
        for _ in 0..<rounds {
            let (cpu, begin) = (Self.processSeconds(), clock.now)
            _ = try encoder.encodeDocuments(lines, threads: threads)
            let (used, seconds) = (Self.processSeconds() - cpu, (clock.now - begin).seconds)
            let peak = Self.peakMegabytes()
            let tokens = lines.count * length
            let round = Round(
                precision: encoder.description.precision.rawValue, kernels: encoder.description.kernels,
                threads: threads, tokens: tokens, cpuSeconds: used, seconds: seconds,
                tokensPerCPUSecond: Double(tokens) / used, tokensPerSecond: Double(tokens) / seconds,
                queryMilliseconds: try queryMilliseconds(lines), loadSeconds: loaded, peakMemory: peak)
            let json = JSONEncoder()
            json.outputFormatting = .sortedKeys
            try StandardOutput.print(String(decoding: try json.encode(round), as: UTF8.self))
        }
    }

    private func queryMilliseconds(_ lines: [String]) throws -> Double {
        guard let encoder = try ModelChoice(model).load(maximumLength: queryLength, precision: precision) else {
            return 0
        }
        var times = Latencies()
        for (index, line) in lines.prefix(21).enumerated() {
            let time = try ThreadClock.milliseconds { _ = try encoder.encodeDocuments([line], threads: 1) }
            if index > 0 { times.add(time) }  // the first allocates
        }
        return times.percentile(0.5)
    }

    private static func processSeconds() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// The largest resident size so far. `getrusage` would tell that of the process that started this one, if it was larger.
    private static func peakMegabytes() -> Double {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return line.flatMap { Double($0.filter(\.isNumber)) }.map { $0 / 1024 } ?? 0
    }
}
