import ArgumentParser
import CorpusFormats
import InvertedIndex

/// `apus check`
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Verify every checksum of an index.")

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var indexFlags: IndexFlags

    func run() throws {
        let opened = try indexFlags.open(index)
        try opened.snapshot.verifyChecksums()
        if json {
            try StandardOutput.print(
                Format.json(["documents": opened.snapshot.documentCount, "commit": opened.snapshot.generation]))
            return
        }
        try StandardOutput.print(
            "'\(index)' is whole: \(Format.count(opened.snapshot.documentCount)) documents, commit \(opened.snapshot.generation)."
        )
    }
}
