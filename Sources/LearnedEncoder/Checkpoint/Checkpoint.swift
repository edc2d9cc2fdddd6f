import CApusKernels
import FileStorage
import Synchronization

/// The named weights of a model in one file: f32, f16, bf16, or packed as s8 rows with `<name>.scale`.
struct Checkpoint: Sendable {
    let file: WeightFile
    let level: KernelLevel
    /// The layers that are packed already.
    var panels: PanelFile?
    /// The names of the tensors that were asked for, to tell what of a checkpoint was left alone.
    let log = TensorLog()
    /// Where layers are packed to.
    let arena = PanelArena()

    var path: String { file.path }

    /// Whether the checkpoint stores its matrices as s8.
    var isPacked: Bool { file.tensors.values.contains { $0.type == .i8 } }

    func has(_ name: String) -> Bool { file.tensors[name] != nil }

    /// A matrix, left where it is.
    /// - Throws: ``EncoderError/storage(_:)`` when it is missing, ``EncoderError/shape(path:name:found:expected:)``.
    func matrix(_ name: String, rows: Int, columns: Int) throws(EncoderError) -> StoredMatrix {
        try tensor(name, shape: [rows, columns])
    }

    /// A vector as f32.
    /// - Throws: as ``matrix(_:rows:columns:)``, and ``EncoderError/notFinite(path:name:)``.
    func vector(_ name: String, count: Int) throws(EncoderError) -> AlignedBuffer<Float> {
        let stored = try tensor(name, shape: [count])
        let values = AlignedBuffer<Float>(count: count)
        defer { withExtendedLifetime(values) {} }
        unsafe stored.copyRow(0, to: values.pointer)
        guard unsafe apus_all_finite(values.pointer, count) != 0 else { throw .notFinite(path: path, name: name) }
        return values
    }

    /// How many bytes each input channel of a layer takes in int8, or nothing where the checkpoint does not say.
    /// - Throws: ``EncoderError/shape(path:name:found:expected:)``.
    func copies(_ layer: String, inputs: Int) throws(EncoderError) -> [UInt8] {
        let name = layer + ".copies"
        guard let stored = file.tensors[name], let base = unsafe file.parts[stored.part].unsafeBytes.baseAddress else {
            return []
        }
        let expected = "U8 [\(inputs)] of 1 to 32"
        guard stored.type == .u8, stored.shape == [inputs] else {
            throw .shape(path: path, name: name, found: stored.label, expected: expected)
        }
        let values = unsafe [UInt8](UnsafeRawBufferPointer(start: base + stored.offset, count: inputs))
        guard values.allSatisfy({ (1...32).contains($0) }) else {
            throw .shape(path: path, name: name, found: stored.label, expected: expected)
        }
        return values
    }

    private func tensor(_ name: String, shape: [Int]) throws(EncoderError) -> StoredMatrix {
        log.add(name)
        guard let tensor = file.tensors[name] else { throw .storage(.missingTensor(path: path, name: name)) }
        let type: Int
        switch tensor.type {
        case .f32: type = APUS_F32
        case .f16: type = APUS_F16
        case .bf16: type = APUS_BF16
        case .i8 where shape.count == 2: type = APUS_S8
        default: throw unexpected(name, tensor, shape)
        }
        guard tensor.shape == shape, let base = unsafe file.parts[tensor.part].unsafeBytes.baseAddress else {
            throw unexpected(name, tensor, shape)
        }
        var scales: UnsafePointer<Float>?
        if type == APUS_S8 {
            let name = name + ".scale"
            guard let stored = file.tensors[name] else { throw .storage(.missingTensor(path: path, name: name)) }
            guard stored.type == .f32, stored.shape == [shape[0]], stored.offset % 4 == 0, stored.part == tensor.part
            else {
                throw .shape(path: path, name: name, found: stored.label, expected: "F32 [\(shape[0])], aligned")
            }
            let values = unsafe (base + stored.offset).assumingMemoryBound(to: Float.self)
            // Finite with every byte, too, so that no row need be looked at.
            let most = Float.greatestFiniteMagnitude / 128
            guard unsafe UnsafeBufferPointer(start: values, count: shape[0]).allSatisfy({ $0.magnitude <= most }) else {
                throw .notFinite(path: path, name: name)
            }
            unsafe scales = unsafe values
        }
        return unsafe StoredMatrix(
            name: name, owner: file.parts[tensor.part], base: base + tensor.offset, type: Int32(type),
            elementSize: tensor.type.size,
            scales: scales, rows: shape.count == 2 ? shape[0] : 1, columns: shape.count == 2 ? shape[1] : shape[0],
            level: level)
    }

    private func unexpected(_ name: String, _ tensor: WeightFile.Tensor, _ shape: [Int]) -> EncoderError {
        .shape(
            path: path, name: name, found: tensor.label,
            expected: "F32, F16, BF16 or (with rows) I8 \(shape)")
    }
}

/// Tensor names, gathered from any thread.
final class TensorLog: Sendable {
    private let names = Mutex<Set<String>>([])

    func add(_ name: String) { _ = names.withLock { $0.insert(name) } }

    /// Those of `all` that were not added, sorted.
    func unused(of all: some Sequence<String>) -> [String] {
        names.withLock { names in all.filter { !names.contains($0) }.sorted() }
    }
}

/// A matrix `[rows, columns]` in a mapped checkpoint, converted row by row as it is needed.
@safe struct StoredMatrix: @unchecked Sendable {
    let name: String
    /// Keeps the mapping alive.
    let owner: MappedBytes
    let base: UnsafeRawPointer
    let type: Int32
    let elementSize: Int
    let scales: UnsafePointer<Float>?
    let rows: Int
    let columns: Int
    let level: KernelLevel

    /// The start of a row as stored.
    func row(_ index: Int) -> UnsafeRawPointer { unsafe base + index * columns * elementSize }

    /// One row as f32; `index` below `rows`, room for `columns` values.
    func copyRow(_ index: Int, to target: UnsafeMutablePointer<Float>) {
        unsafe apus_convert(level.rawValue, type, row(index), columns, scales?[index] ?? 1, target)
    }
}
