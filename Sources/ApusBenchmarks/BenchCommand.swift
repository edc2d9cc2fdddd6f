import ApusBundledModel
import ArgumentParser
import CorpusFormats
import Foundation

/// The `apus-bench` tool: one file per benchmark beside this one.
@main
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-bench",
        abstract: "Measurements of Apus on your machine: answers are checked before the clock starts.",
        subcommands: [LatencyBenchmark.self, EncoderBenchmark.self, ServingBenchmark.self, UpdateBenchmark.self])

    static func main() async {
        StandardStreams.occupyClosed()
        BundledModel.register()
        signal(SIGPIPE, SIG_IGN)  // A reader that closes the pipe makes the write fail instead.
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            try StandardOutput.flush()
        } catch let error as FormatError where error.isClosedPipe {
            Foundation.exit(0)
        } catch {
            exit(withError: error)
        }
    }
}
