import ArgumentParser

/// The `apus-bench` tool: one file per benchmark beside this one.
@main
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-bench",
        abstract: "Measurements of Apus on your machine: answers are checked before the clock starts.",
        subcommands: [LatencyBenchmark.self, EncoderBenchmark.self])
}
