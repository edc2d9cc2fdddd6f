import Apus
import ArgumentParser

/// `apus update`
struct UpdateCommand: AsyncParsableCommand, BuildingCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Replace documents of an index, or add them where there are none.",
        discussion: """
            Reads what 'apus index' reads. A document whose id is known takes the place of the old one in the same commit: a reader \
            sees the one or the other, never both and never none. Scores are those of an index that never held the old one.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "Files or folders with documents; '-' for standard input.", completion: .file())
    var input: [String]

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
        builder.existing = .update
        return builder
    }

    func run() async throws { try await build.run(try builder(), input) }
}
