import Apus
import CApusBundledModel
import FileStorage
public import LearnedEncoder

/// The models that a program can carry with it: one of 22 M parameters, and a small one of 4.6 M.
///
///     import Apus
///     import ApusBundledModel
///
///     BundledModel.register()
///     let answer = try SearchIndex("Indexes/mine").search("why do stars shine")
///
/// A program that leaves this product out is 38 MB smaller; it searches with BM25, with imported vectors and with models in folders.
public enum BundledModel {
    /// Makes ``/Apus/ModelChoice/bundled`` and ``/Apus/ModelChoice/tiny`` mean these models from now on.
    public static func register() { ModelChoice.register(bundled: files, tiny: tiny) }

    /// The default model's files, in memory.
    public static let files: ModelFiles = {
        var count = 0
        return unsafe files("bundled", apus_bundled_model(&count), count)
    }()

    /// The small model's files, in memory.
    public static let tiny: ModelFiles = {
        var count = 0
        return unsafe files("tiny", apus_tiny_model(&count), count)
    }()

    /// Safe where the table and everything it points to are constants of the binary.
    private static func files(_ model: String, _ table: UnsafePointer<apus_model_file>?, _ count: Int) -> ModelFiles {
        var files: [String: MappedBytes] = [:]
        if let table = unsafe table {
            for index in 0..<count {
                let entry = unsafe table[index]
                let name = unsafe String(cString: entry.name)
                let bytes = unsafe UnsafeRawBufferPointer(start: entry.bytes, count: entry.count)
                files[name] = unsafe MappedBytes(unsafeStatic: bytes, name: model + "/" + name)
            }
        }
        return ModelFiles(name: model, files: files)
    }
}
