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

        /// "F32 [2, 3]", for messages.
        var label: String { "\(type.rawValue) \(shape)" }
    }

    let bytes: MappedBytes
    let tensors: [String: Tensor]
    /// "safetensors" or "pytorch".
    let container: String
    private let isOnDisk: Bool

    /// Size and CRC-32C of the whole file: equal means the same weights.
    var identity: String {
        var checksum = CRC32C()
        checksum.update(bytes.unsafeBytes)
        let digits = String(checksum.value, radix: 16)
        return "\(container)-\(bytes.count)-" + String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Gives the pages of a mapped file back after packing: the kernels read the packed copy, and the few rows of word
    /// embeddings that a text needs are read again from the page cache.
    func releasePages() {
        guard isOnDisk, let base = bytes.unsafeBytes.baseAddress else { return }
        madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_DONTNEED)
    }

    /// `model.safetensors`, or else `pytorch_model.bin`.
    /// - Throws: ``EncoderError``.
    init(_ files: ModelFiles, folder: String) throws(EncoderError) {
        isOnDisk = files.isOnDisk
        if let bytes = try files.bytes(folder + "model.safetensors") {
            let file: SafetensorsFile
            do { file = try SafetensorsFile(bytes: bytes) } catch { throw .storage(error) }
            tensors = file.tensors.mapValues { Tensor(type: $0.type, shape: $0.shape, offset: $0.offset) }
            container = "safetensors"
            self.bytes = bytes
        } else if let bytes = try files.bytes(folder + "pytorch_model.bin") {
            tensors = try TorchCheckpoint.tensors(in: bytes)
            container = "pytorch"
            self.bytes = bytes
        } else {
            throw .missingFile(model: files.location, file: folder + "model.safetensors or pytorch_model.bin")
        }
    }

    /// One PyTorch file by its own name, as heads are stored.
    /// - Throws: ``EncoderError``.
    init(_ files: ModelFiles, torchFile: String) throws(EncoderError) {
        isOnDisk = files.isOnDisk
        bytes = try files.required(torchFile)
        tensors = try TorchCheckpoint.tensors(in: bytes)
        container = "pytorch"
    }
}
