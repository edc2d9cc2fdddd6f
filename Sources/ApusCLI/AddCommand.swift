import Apus
import ArgumentParser

/// `apus add`
struct AddCommand: AsyncParsableCommand, BuildingCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add documents to an index.",
        discussion: """
            Reads what 'apus index' reads. The index keeps its analyzer, model and settings, and grows by a segment; segments are \
            joined as they need to be, so that adding costs what is added and not what is there. Every minute is committed.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "Files or folders with documents; '-' for standard input.", completion: .file())
    var input: [String]

    @Flag(help: "Pass over documents whose id is known; without it they are an error.")
    var skipKnown = false

    @OptionGroup(title: "Folders") var folders: FolderFlags
    @OptionGroup var build: BuildFlags
    @OptionGroup var long: PassageFlags
    @OptionGroup(title: "Static pruning") var pruning: PruningFlags
    @OptionGroup(title: "Weighting") var weighting: WeightingFlags

    func validate() throws { try build.validate(long, weighting) }

    /// What the flags ask for.
    func builder() throws -> IndexBuilder {
        var builder = try builder(index)
        builder.requiresIndex = true
        builder.existing = skipKnown ? .resume : .append
        return builder
    }

    func run() async throws { try await build.run(try builder(), input) }
}
