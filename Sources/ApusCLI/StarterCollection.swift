import Apus
import FileStorage
import Foundation

/// The embedded starter collection, unpacked into a temporary folder so that it is read like any other.
struct StarterCollection {
    let path: String

    static func unpack() throws -> StarterCollection {
        let path = FileManager.default.temporaryDirectory.path + "/apus-starter-\(UInt32.random(in: 0 ... .max))"
        try Directory.create(path + "/qrels")
        for name in ["corpus.jsonl", "queries.jsonl", "qrels/test.tsv"] {
            try AtomicFile.write(EmbeddedFiles.starter(name) ?? [], to: path + "/" + name)
        }
        return StarterCollection(path: path)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
