import CApusKernels
import FileStorage
import Foundation
import ParallelWork

/// The packed panels of a model's linear layers in a file beside its weights, so that loading maps them and packs nothing.
///
/// A safetensors file `apus.f32.panels`, `apus.bf16.panels`, `apus.int8.panels` or `apus.int8-unsplit.panels`. Its metadata names the weights it was made from, as
/// ``ModelDescription/identity`` does, the layout's version, and a CRC-32C over the header's entries and all values: a file of
/// other weights is not used, one that is damaged or of another version is refused.
/// Each layer, named after its (first) weight matrix, has
///
///     <name>.panels U8 [bytes]       as apus_linear describes
///     <name>.bias, <name>.scales, <name>.sums F32 [columns]
///
/// and a language head may have a screen, see `HeadScreen+File.swift`. A file with nothing else spares no packing.
struct PanelFile: Sendable {
    /// Raised whenever the layout of panels changes; 1 had no checksum.
    static let version = "2"

    private let file: SafetensorsFile
    private let bytes: MappedBytes

    /// `apus.int8-unsplit.panels` holds the weights of CPUs that multiply them in pairs, without further copies of channels; those that
    /// an older Apus wrote with copies, as `apus.int8-pairs.panels`, are not read.
    static func name(_ precision: Precision, level: KernelLevel) -> String {
        "apus.\(precision.rawValue)\(precision == .int8 && level.pairLimit != nil ? "-unsplit" : "").panels"
    }

    /// Opens the panels for `precision` in a model's folder; nil when there are none for these weights.
    /// - Parameter weights: The identity of the weights, asked for only when there are panels.
    /// - Throws: ``EncoderError/storage(_:)`` when the file is damaged, ``EncoderError/panels(path:detail:)`` when it is of another
    ///   version or its checksum is wrong.
    /// - Complexity: O(bytes), on all cores.
    init?(_ files: ModelFiles, folder: String, precision: Precision, level: KernelLevel, weights: DeferredText)
        throws(EncoderError)
    {
        guard let bytes = try files.bytes(folder + Self.name(precision, level: level)) else { return nil }
        do { file = try SafetensorsFile(bytes: bytes) } catch {
            throw .panels(path: bytes.path, detail: error.description)
        }
        self.bytes = bytes
        let version = file.metadata["version"]
        guard version == Self.version else {
            throw .panels(
                path: bytes.path,
                detail: version == "1"
                    ? "it has no checksum, as an older Apus wrote it"
                    : "its version is \(version ?? "missing"), not \(Self.version)")
        }
        guard let stated = file.metadata["crc32c"], stated == Self.checksum(file) else {
            throw .panels(path: bytes.path, detail: "its checksum does not match its bytes")
        }
        guard file.metadata["weights"] == weights.value else { return nil }
    }

    /// CRC-32C of what the header says and of each tensor's bytes, by name.
    private static func checksum(_ file: SafetensorsFile) -> String {
        let names = file.tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        let all = unsafe file.bytes.unsafeBytes
        return checksum(
            weights: file.metadata["weights"] ?? "",
            names.map { name in
                guard let tensor = file.tensors[name] else {
                    return unsafe Part(name: name, type: "", owner: file.bytes, bytes: .init(start: nil, count: 0))
                }
                let range = tensor.offset..<tensor.offset + tensor.count * tensor.type.size
                return unsafe Part(
                    name: name, type: "\(tensor.type.rawValue) \(tensor.shape)", owner: file.bytes,
                    bytes: .init(rebasing: all[range]))
            })
    }

    /// A tensor as the checksum sees it.
    @safe private struct Part: @unchecked Sendable {
        let name: String
        let type: String
        /// Keeps the bytes alive.
        let owner: AnyObject
        let bytes: UnsafeRawBufferPointer
    }

    private static func checksum(weights: String, _ parts: [Part]) -> String {
        let sums = ParallelMap.map(count: parts.count, threads: ProcessInfo.processInfo.activeProcessorCount, chunk: 1)
        {
            indices in
            indices.map { unsafe Checksum.of(parts[$0].bytes) }
        }
        let lines = zip(parts, sums).map { "\($0.name) \($0.type) \($1)\n" }
        return Checksum.digits(Checksum.of("\(version) \(weights)\n" + lines.joined()))
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

    /// Scales and sums of a head that has a screen; nil where the file has none, as those of an older Apus.
    /// - Throws: ``EncoderError/shape(path:name:found:expected:)``.
    func screened(_ name: String, outputs: Int) throws(EncoderError) -> (
        scales: AlignedBuffer<Float>, sums: AlignedBuffer<Float>
    )? {
        func padded(_ part: String) throws(EncoderError) -> AlignedBuffer<Float>? {
            let name = name + ".screen." + part
            guard let found = try values(name, of: Float.self) else { return nil }
            let columns = PackedLinear.columns(outputs)
            guard found.count == columns else { throw misshapen(name, expected: "\(columns) values") }
            return found
        }
        guard let scales = try padded("scales"), let sums = try padded("sums") else { return nil }
        return (scales, sums)
    }

    /// The values of a U8 tensor; nil when the file has none of that name.
    /// - Throws: ``EncoderError/shape(path:name:found:expected:)``.
    func values<T: BitwiseCopyable>(_ name: String, of type: T.Type) throws(EncoderError) -> AlignedBuffer<T>? {
        guard let tensor = file.tensors[name] else { return nil }
        let size = MemoryLayout<T>.stride
        guard tensor.type == .u8, tensor.count % size == 0, tensor.offset % 4 == 0,
            let buffer = AlignedBuffer<T>(mapped: bytes, offset: tensor.offset, count: tensor.count / size)
        else { throw misshapen(name, expected: "U8, \(size) bytes for each value") }
        return buffer
    }

    /// The error of a tensor that is not as it should be.
    func misshapen(_ name: String, expected: String) -> EncoderError {
        let found = file.tensors[name].map { "\($0.type.rawValue) \($0.shape)" } ?? "none"
        return .shape(path: bytes.path, name: name, found: found, expected: expected)
    }

    private func buffer<T>(_ name: String, _ type: TensorType, _ count: Int) throws(EncoderError) -> AlignedBuffer<T> {
        guard let tensor = file.tensors[name] else { throw .storage(.missingTensor(path: bytes.path, name: name)) }
        guard tensor.type == type, tensor.shape == [count], tensor.offset % 4 == 0,
            let buffer = AlignedBuffer<T>(mapped: bytes, offset: tensor.offset, count: count)
        else { throw misshapen(name, expected: "\(type.rawValue) [\(count)]") }
        return buffer
    }

    /// Writes the panels of `layers`, and of a head's screen what ``HeadScreen/stored`` says, to `path`.
    /// - Throws: ``EncoderError/storage(_:)``; an older file then stays.
    static func write(
        _ layers: [PackedLinear], screen: [(name: String, bytes: AlignedBuffer<UInt8>)] = [], to path: String,
        weights: String
    ) throws(EncoderError) {
        let tensors =
            layers.flatMap { layer in
                [.init(layer.name + ".panels", .u8, shape: [layer.panels.count])]
                    + [".bias", ".scales", ".sums"].map {
                        SafetensorsWriter.Declaration(layer.name + $0, .f32, shape: [layer.columns])
                    }
            } + screen.map { .init($0.name, .u8, shape: [$0.bytes.count]) }
        let screenParts = screen.map {
            unsafe Part(name: $0.name, type: "U8 [\($0.bytes.count)]", owner: $0.bytes, bytes: $0.bytes.bytes)
        }
        let layerParts = layers.flatMap { layer in
            unsafe [
                Part(
                    name: layer.name + ".panels", type: "U8 [\(layer.panels.count)]", owner: layer.panels,
                    bytes: layer.panels.bytes)
            ]
                + [(".bias", layer.bias), (".scales", layer.scales), (".sums", layer.sums)].map {
                    unsafe Part(
                        name: layer.name + $0, type: "F32 [\(layer.columns)]", owner: $1, bytes: $1.bytes)
                }
        }
        let parts = (layerParts + screenParts).sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        let checksum = checksum(weights: weights, parts)
        do {
            let writer = try SafetensorsWriter(
                path: path, tensors: tensors, metadata: ["weights": weights, "version": version, "crc32c": checksum])
            for layer in layers {
                try writer.append(layer.name + ".panels", layer.panels.copied())
                try writer.append(layer.name + ".bias", layer.bias.copied())
                try writer.append(layer.name + ".scales", layer.scales.copied())
                try writer.append(layer.name + ".sums", layer.sums.copied())
            }
            for part in screen { try writer.append(part.name, part.bytes.copied()) }
            try writer.commit()
        } catch { throw .storage(error) }
    }
}
