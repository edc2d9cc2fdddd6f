import ArgumentParser
import Foundation

/// The `apus` tool: one file per verb beside this one.
@main
struct ApusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus",
        abstract: "Learned-sparse, BM25 and hybrid search over your documents, with trec_eval-equal evaluation.",
        discussion: """
            Start with:
              apus index FOLDER_OR_FILE --output Indexes/mine
              apus search Indexes/mine "your question"

            Without input, 'apus index' takes the starter collection inside the binary. Results go to standard output, \
            progress and notes to standard error. Exit codes: 0 done, 1 failure, 2 wrong usage.

            Shell completions: apus --generate-completion-script bash > ~/.local/share/bash-completion/completions/apus
            (or zsh, fish; the README says where each shell looks).
            """,
        version: "0.2.0 (what changed: CHANGELOG.md beside the sources)",
        subcommands: [
            IndexCommand.self, SearchCommand.self, EvaluateCommand.self, TuneCommand.self, EncodeCommand.self,
            GetCommand.self,
            StatsCommand.self, ExplainCommand.self, CheckCommand.self, UpgradeCommand.self, ModelCommand.self,
        ])

    static func main() async {
        Signals.install()
        do {
            var command = try parseAsRoot()
            if let index = command as? IndexCommand { try index.builder().requireMemory() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            fail(error)
        }
    }

    /// File names, ids and tensor names come into messages as they are; control characters in them are shown, not obeyed.
    private static func oneLine(_ text: String) -> String {
        text.unicodeScalars.map { $0.properties.generalCategory == .control ? $0.escaped(asASCII: true) : String($0) }
            .joined()
    }

    /// Prints one line for a failure and exits: 2 for wrong usage, 1 for everything else, 0 for help and version.
    private static func fail(_ error: any Error) -> Never {
        let code = exitCode(for: error)
        if code.isSuccess || code == .validationFailure || error is ExitCode {
            let message = fullMessage(for: error)
            if code.isSuccess {
                print(message)
            } else if !message.isEmpty {
                Terminal.note(message)
            }
            Foundation.exit(code == .validationFailure ? 2 : code.rawValue)
        }
        Terminal.note("apus: " + oneLine("\(error)"))
        Foundation.exit(1)
    }
}
