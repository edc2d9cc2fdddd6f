import CApusEmbedded
import FileStorage
import LearnedEncoder

/// What the binary carries with it: the default model and the starter collection.
public enum EmbeddedFiles {
    /// The default model's files.
    public static var model: ModelFiles {
        ModelFiles(name: "bundled", files: files.filter { !$0.key.hasPrefix("starter/") })
    }

    /// A file of the starter collection: `corpus.jsonl`, `queries.jsonl` or `qrels/test.tsv`.
    public static func starter(_ name: String) -> [UInt8]? {
        files["starter/" + name]?.copied()
    }

    private static let files: [String: MappedBytes] = {
        var count = 0
        // Safe: the table and everything it points to are constants of the binary.
        guard let table = unsafe apus_embedded_files(&count) else { return [:] }
        var files: [String: MappedBytes] = [:]
        for index in 0..<count {
            let entry = unsafe table[index]
            let name = unsafe String(cString: entry.name)
            let bytes = unsafe UnsafeRawBufferPointer(start: entry.bytes, count: entry.count)
            files[name] = unsafe MappedBytes(unsafeStatic: bytes, name: "bundled/" + name)
        }
        return files
    }()
}
