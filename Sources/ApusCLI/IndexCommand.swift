import Apus
import ArgumentParser

/// `apus index`
struct IndexCommand: AsyncParsableCommand, BuildingCommand {
    static let configuration = CommandConfiguration(
        commandName: "index",
        abstract: "Build an index from documents, or add documents to one.",
        discussion: """
            Reads BEIR folders, JSON lines ({"_id" or "id", "title", "text" or "contents"}), MS MARCO TSV, TREC SGML and \
            folders of documents (text, Markdown, reStructuredText, HTML, mail, PDF through pdftotext), each also as .gz; '-' is \
            standard input. 'apus sync' takes over what changed in a folder later. Without input it indexes the starter \
            collection inside the binary.

            Texts longer than the encoder reads are cut and counted. --passages splits them instead: into passages of N tokens, \
            encoded one by one and joined into one vector a document (titles are part of the text and stand in the first), so \
            searching costs no more. With --unit passage they stay apart: a document scores what its best passage scores, is found \
            once, and a search says which passage that was. BM25 sees all of a text either way. An index remembers its passages. \
            Splitting is for texts whose answer may stand anywhere; abstracts rank worse split than cut (FileFormats in the \
            documentation).

            The index is committed every minute. Ctrl-C (also SIGTERM, and SIGHUP of a closed terminal) keeps what was indexed so \
            far; run the same command with --resume to go on. --replace commits once, at its end.
            """)

    @Argument(help: "Files or folders with documents; '-' for standard input.", completion: .file())
    var input: [String] = []

    @Option(name: .shortAndLong, help: "The index directory.", completion: .directory)
    var output: String?

    @OptionGroup(title: "Folders") var folders: FolderFlags
    @OptionGroup var build: BuildFlags
    @OptionGroup var long: PassageFlags
    @OptionGroup(title: "Static pruning") var pruning: PruningFlags
    @OptionGroup(title: "Weighting") var weighting: WeightingFlags

    @Flag(help: "Add documents to an index; a known id is an error.")
    var append = false

    @Flag(help: "Add documents to an index; known ids are skipped.")
    var resume = false

    @Flag(help: "Build an existing index anew; the old one answers until the new one is whole.")
    var replace = false

    func validate() throws {
        try build.validate(long, weighting)
        guard [append, resume, replace].count(where: { $0 }) <= 1 else {
            throw ValidationError("Choose one of --append, --resume and --replace.")
        }
        guard !build.vectors || !input.isEmpty else { throw ValidationError("'--vectors' needs input files.") }
        guard output != nil || input.isEmpty else { throw ValidationError("Name the index with --output DIRECTORY.") }
    }

    /// What the flags ask for.
    func builder() throws -> IndexBuilder {
        var builder = try builder(output ?? "Indexes/starter")
        builder.existing = append ? .append : resume ? .resume : replace ? .replace : .refuse
        return builder
    }

    func run() async throws {
        let starter = input.isEmpty ? try StarterCollection.unpack() : nil
        defer { starter?.remove() }
        try await build.run(try builder(), starter.map { [$0.path] } ?? input)
    }
}
