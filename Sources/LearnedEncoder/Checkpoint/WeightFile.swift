import CApusKernels
import FileStorage
import Glibc

/// The tensors of a weights file, whatever its container.
struct WeightFile: Sendable {
    /// One tensor, contiguous and row-major.
    struct Tensor: Sendable, Equatable {
        let type: TensorType
        let shape: [Int]
        /// First byte, from the start of the file.
        let offset: Int
        /// The file, by its place in ``WeightFile/parts``.
        var part = 0

        /// "F32 [2, 3]", for messages.
        var label: String { "\(type.rawValue) \(shape)" }
    }

    /// The file, or the files of a checkpoint that is cut into several.
    let parts: [MappedBytes]
    let tensors: [String: Tensor]
    /// "safetensors" or "pytorch".
    let container: String
    private let isOnDisk: Bool

    /// The file that messages name.
    var path: String { parts[0].path }

    /// Size and CRC-32C of the whole file, or of all files in order: equal means the same weights.
    ///
    /// A model inside the binary may carry it, see ``identityName``; a folder's file is always read.
    /// - Complexity: O(bytes), on all cores.
    var identity: String {
        if let packedIdentity { return packedIdentity }
        let count = parts.reduce(0) { $0 + $1.count }
        let checksum = parts.reduce(0 as UInt32) {
            apus_crc32c_combine($0, Checksum.ofMapped($1), UInt64($1.count))
        }
        releasePages()
        return "\(container)-\(count)-" + Checksum.digits(checksum)
    }

    /// The file of an embedded model that holds ``identity``, so that a search need not read all weights to compare it.
    /// `Scripts/train/pack` writes it, and a test compares it with the weights.
    static let identityName = "apus.identity"
    private let packedIdentity: String?

    /// Gives the pages of a mapped file back after packing: the kernels read the packed copy, and the few rows of word
    /// embeddings that a text needs are read again from the page cache.
    func releasePages() {
        guard isOnDisk else { return }
        for part in parts {
            guard let base = unsafe part.unsafeBytes.baseAddress else { continue }
            unsafe madvise(UnsafeMutableRawPointer(mutating: base), part.count, MADV_DONTNEED)
        }
    }

    /// `model.safetensors`, the files that `model.safetensors.index.json` lists, or else `pytorch_model.bin`.
    /// - Throws: ``EncoderError``.
    init(_ files: ModelFiles, folder: String) throws(EncoderError) {
        isOnDisk = files.isOnDisk
        packedIdentity =
            files.isOnDisk
            ? nil
            : try files.bytes(folder + Self.identityName).flatMap {
                unsafe $0.withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
            }
        if let bytes = try files.bytes(folder + "model.safetensors") {
            tensors = try Self.tensors(bytes, part: 0)
            container = "safetensors"
            parts = [bytes]
        } else if let index = try files.bytes(folder + "model.safetensors.index.json") {
            guard let map = try JSONFile(index).object("weight_map") as? [String: String], !map.isEmpty else {
                throw .malformed(path: index.path, detail: "'weight_map' is no object of tensors with files")
            }
            var all: [String: Tensor] = [:]
            var parts: [MappedBytes] = []
            for name in Set(map.values).sorted() {
                guard !name.contains("/") else {
                    throw .malformed(path: index.path, detail: "'\(name)' is no file of the same folder")
                }
                let part = try files.required(folder + name)
                all.merge(try Self.tensors(part, part: parts.count)) { first, _ in first }
                parts.append(part)
            }
            (tensors, self.parts) = (all, parts)
            container = "safetensors"
        } else if let bytes = try files.bytes(folder + "pytorch_model.bin") {
            tensors = try TorchCheckpoint.tensors(in: bytes)
            container = "pytorch"
            parts = [bytes]
        } else {
            throw .missingFile(model: files.location, file: folder + "model.safetensors or pytorch_model.bin")
        }
    }

    /// One PyTorch file by its own name, as heads are stored.
    /// - Throws: ``EncoderError``.
    init(_ files: ModelFiles, torchFile: String) throws(EncoderError) {
        isOnDisk = files.isOnDisk
        packedIdentity = nil
        let bytes = try files.required(torchFile)
        parts = [bytes]
        tensors = try TorchCheckpoint.tensors(in: bytes)
        container = "pytorch"
    }

    private static func tensors(_ bytes: MappedBytes, part: Int) throws(EncoderError) -> [String: Tensor] {
        let file: SafetensorsFile
        do { file = try SafetensorsFile(bytes: bytes) } catch { throw .storage(error) }
        return file.tensors.mapValues { Tensor(type: $0.type, shape: $0.shape, offset: $0.offset, part: part) }
    }
}
