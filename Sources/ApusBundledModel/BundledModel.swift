import Apus
import CApusBundledModel
import FileStorage
public import LearnedEncoder

/// The 22 M parameter model that a program can carry with it.
///
///     import Apus
///     import ApusBundledModel
///
///     BundledModel.register()
///     let answer = try SearchIndex("Indexes/mine").search("why do stars shine")
///
/// A program that leaves this product out is 23 MB smaller; it searches with BM25, with imported vectors and with models in folders.
public enum BundledModel {
    /// Makes ``/Apus/ModelChoice/bundled`` mean this model from now on.
    public static func register() { ModelChoice.register(bundled: files) }

    /// The model's files, in memory.
    public static let files: ModelFiles = {
        var count = 0
        // Safe: the table and everything it points to are constants of the binary.
        guard let table = unsafe apus_bundled_model(&count) else { return ModelFiles(name: "bundled", files: [:]) }
        var files: [String: MappedBytes] = [:]
        for index in 0..<count {
            let entry = unsafe table[index]
            let name = unsafe String(cString: entry.name)
            let bytes = unsafe UnsafeRawBufferPointer(start: entry.bytes, count: entry.count)
            files[name] = unsafe MappedBytes(unsafeStatic: bytes, name: "bundled/" + name)
        }
        return ModelFiles(name: "bundled", files: files)
    }()
}
