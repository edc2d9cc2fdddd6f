import CApusKernels
import FileStorage

/// The packed panels of a model's linear layers in a file beside its weights, so that loading maps them and packs nothing.
///
/// A safetensors file `apus.f32.panels`, `apus.bf16.panels`, `apus.int8.panels` or `apus.int8-pairs.panels`. Its metadata names the weights it was made from, as
/// ``ModelDescription/identity`` does, and the layout's version; a file of other weights or another version is not used.
/// Each layer, named after its (first) weight matrix, has
///
///     <name>.panels U8 [bytes]       as apus_linear describes
///     <name>.bias, <name>.scales, <name>.sums F32 [columns]
struct PanelFile: Sendable {
    /// Raised whenever the layout of panels changes.
    static let version = "1"

    private let file: SafetensorsFile
    private let bytes: MappedBytes

    /// `apus.int8-pairs.panels` holds the weights of CPUs that multiply them in pairs.
    static func name(_ precision: Precision, level: KernelLevel) -> String {
        "apus.\(precision.rawValue)\(precision == .int8 && level.pairLimit != nil ? "-pairs" : "").panels"
    }

    /// Opens the panels for `precision` in a model's folder; nil when there are none for these weights.
    /// - Throws: ``EncoderError/storage(_:)`` when the file is damaged.
    init?(_ files: ModelFiles, folder: String, precision: Precision, level: KernelLevel, identity: String)
        throws(EncoderError)
    {
        guard let bytes = try files.bytes(folder + Self.name(precision, level: level)) else { return nil }
        do { file = try SafetensorsFile(bytes: bytes) } catch { throw .storage(error) }
        self.bytes = bytes
        guard file.metadata["weights"] == identity, file.metadata["version"] == Self.version else { return nil }
    }

    /// A layer's mapped panels, bias, scales and sums; nil when the file has no such layer.
    /// - Throws: ``EncoderError/shape(path:name:found:expected:)``.
    func layer(_ name: String, panelBytes: Int, columns: Int) throws(EncoderError) -> (
        panels: AlignedBuffer<UInt8>, bias: AlignedBuffer<Float>, scales: AlignedBuffer<Float>,
        sums: AlignedBuffer<Float>
    )? {
        guard file.tensors[name + ".panels"] != nil else { return nil }
        return (
            try buffer(name + ".panels", .u8, panelBytes), try buffer(name + ".bias", .f32, columns),
            try buffer(name + ".scales", .f32, columns), try buffer(name + ".sums", .f32, columns)
        )
    }

    private func buffer<T>(_ name: String, _ type: TensorType, _ count: Int) throws(EncoderError) -> AlignedBuffer<T> {
        guard let tensor = file.tensors[name] else { throw .storage(.missingTensor(path: bytes.path, name: name)) }
        guard tensor.type == type, tensor.shape == [count], tensor.offset % 4 == 0,
            let buffer = AlignedBuffer<T>(mapped: bytes, offset: tensor.offset, count: count)
        else {
            throw .shape(
                path: bytes.path, name: name, found: "\(tensor.type.rawValue) \(tensor.shape)",
                expected: "\(type.rawValue) [\(count)]")
        }
        return buffer
    }

    /// Writes the panels of `layers` to `path`.
    /// - Throws: ``EncoderError/storage(_:)``; an older file then stays.
    static func write(_ layers: [PackedLinear], to path: String, identity: String) throws(EncoderError) {
        let tensors = layers.flatMap { layer in
            [.init(layer.name + ".panels", .u8, shape: [layer.panels.count])]
                + [".bias", ".scales", ".sums"].map {
                    SafetensorsWriter.Declaration(layer.name + $0, .f32, shape: [layer.columns])
                }
        }
        do {
            let writer = try SafetensorsWriter(
                path: path, tensors: tensors, metadata: ["weights": identity, "version": version])
            for layer in layers {
                try writer.append(layer.name + ".panels", layer.panels.copied())
                try writer.append(layer.name + ".bias", layer.bias.copied())
                try writer.append(layer.name + ".scales", layer.scales.copied())
                try writer.append(layer.name + ".sums", layer.sums.copied())
            }
            try writer.commit()
        } catch { throw .storage(error) }
    }
}
