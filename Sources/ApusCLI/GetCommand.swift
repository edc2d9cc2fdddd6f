import Apus
import ArgumentParser
import ByteStrings

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

    func run() throws {
        let opened = try indexFlags.open(index)
        let found = try opened.documents.documents(ids)
        for id in ids {
            guard opened.snapshot.contains(id), let document = found[ByteString(id)] else {
                throw ApusError.noDocument(id: id, index: index)
            }
            if json {
                print(try Format.json(document, pretty: false))
            } else {
                print([document.id, document.title, document.text].filter { !$0.isEmpty }.joined(separator: "\n"))
                if let metadata = document.metadata { print(metadata) }
            }
        }
    }
}
