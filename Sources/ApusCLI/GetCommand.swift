import Apus
import ArgumentParser
import ByteStrings
import CorpusFormats

/// `apus get`
struct GetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print stored documents by id.")

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "Document ids.")
    var ids: [String]

    @Flag(help: "Print one JSON object per line.")
    var json = false

    @OptionGroup var indexFlags: IndexFlags
    @OptionGroup var shardFlags: ShardFlags

    func run() throws {
        let opened = try indexFlags.open(index, shards: shardFlags.shards)
        let found = try opened.documents.documents(ids)
        for id in ids {
            guard opened.snapshot.contains(id), let document = found[ByteString(id)] else {
                throw ApusError.noDocument(id: id, index: opened.directory)
            }
            if json {
                try StandardOutput.print(AnswerJSON.text(document, pretty: false))
            } else {
                let parts = [document.id, document.title, document.text].filter { !$0.isEmpty } + [document.metadata]
                let text = parts.compactMap { $0 }.joined(separator: "\n")
                // As stored, byte for byte, unless a person watches.
                try StandardOutput.print(
                    StandardOutput.isTerminal ? text.showingControls(except: ["\n", "\t"]) : text)
            }
        }
    }
}
