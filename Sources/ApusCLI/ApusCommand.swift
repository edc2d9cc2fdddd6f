import Apus
import ApusBundledModel
import ArgumentParser
import CorpusFormats
import Foundation
import LearnedEncoder

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
            progress and notes to standard error. Exit codes: 0 done, 1 failure (also when the output cannot be written), \
            2 wrong usage; interrupted by Ctrl-C 130, by SIGTERM 143, by a closed terminal 129. A reader that closes \
            the pipe, as head does, is no failure.

            Shell completions: apus --generate-completion-script bash > ~/.local/share/bash-completion/completions/apus
            (or zsh, fish; the README says where each shell looks).
            """,
        version: "\(ApusVersion.number) (\(ApusVersion.build); what changed: CHANGELOG.md beside the sources)",
        subcommands: [
            IndexCommand.self, AddCommand.self, UpdateCommand.self, DeleteCommand.self, SyncCommand.self,
            MergeCommand.self,
            SearchCommand.self, EvaluateCommand.self, CompareCommand.self, FuseCommand.self, TuneCommand.self,
            EncodeCommand.self, GetCommand.self, SimilarCommand.self, DoctorCommand.self,
            ImportCommand.self, ExportCommand.self, BackupCommand.self, JoinCommand.self,
            ServeCommand.self, MCPCommand.self,
            StatsCommand.self, PlanCommand.self, ExplainCommand.self, CheckCommand.self, UpgradeCommand.self,
            ModelCommand.self,
        ])

    static func main() async {
        Signals.install()
        BundledModel.register()
        var code: Int32 = 0
        do {
            try MemoryLimit.prepare()
            var command = try parseAsRoot()
            // A misspelt one is refused by every verb, not only by those that encode.
            _ = try InstructionSet.name
            if let build = command as? any BuildingCommand { try build.builder().requireMemory() }
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            code = report(error)
        }
        do {
            try StandardOutput.flush()
        } catch {
            // What failed before is said already.
            if code == 0 { code = report(error) }
        }
        Foundation.exit(code)
    }

    /// Prints one line for a failure and returns its exit code: 2 for wrong usage, 1 for everything else, 0 for help and version, and when
    /// nobody reads on.
    private static func report(_ error: any Error) -> Int32 {
        if let error = error as? FormatError, error.isClosedPipe { return 0 }
        let code = exitCode(for: error)
        guard code.isSuccess || code == .validationFailure || error is ExitCode else {
            // File names, ids and tensor names come into messages as they are.
            Terminal.note("apus: " + "\(error)".showingControls())
            return 1
        }
        let message = fullMessage(for: error)
        if code.isSuccess {
            do { try StandardOutput.print(message) } catch { return report(error) }
        } else if !message.isEmpty {
            Terminal.note(message)
        }
        return code == .validationFailure ? 2 : code.rawValue
    }
}
