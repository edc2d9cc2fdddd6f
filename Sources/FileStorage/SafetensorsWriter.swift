import Foundation

/// Writes a safetensors container in two passes: declare every tensor, then append their bytes in the same order.
///
/// Tensors start on 64-byte borders of the file (the header is padded with spaces), so mapped arrays are aligned.
public final class SafetensorsWriter {
    /// A tensor to come.
    public struct Declaration: Sendable {
        let name: String
        let type: TensorType
        let shape: [Int]

        /// Announces a tensor; its bytes follow in the order of the declarations.
        public init(_ name: String, _ type: TensorType, shape: [Int]) {
            self.name = name
            self.type = type
            self.shape = shape
        }

        var bytes: Int { shape.reduce(type.size, *) }
    }

    private let file: AtomicFile
    private var pending: ArraySlice<Declaration>

    /// Writes the header.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init(path: String, tensors: [Declaration], metadata: [String: String] = [:]) throws(StorageError) {
        var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
        var offset = 0
        for tensor in tensors {
            header[tensor.name] = [
                "dtype": tensor.type.rawValue, "shape": tensor.shape,
                "data_offsets": [offset, offset + tensor.bytes],
            ]
            offset += (tensor.bytes + 63) / 64 * 64
        }
        guard
            var json = try? JSONSerialization.data(
                withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
        else { throw .malformed(path: path, detail: "the header cannot be written as JSON") }
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (64 - (json.count + 8) % 64) % 64))
        file = try AtomicFile(path: path)
        try file.write([UInt64(json.count).littleEndian])
        try file.write([UInt8](json))
        pending = tensors[...]
    }

    /// Appends the next declared tensor.
    /// - Throws: ``StorageError``; ``StorageError/malformed(path:detail:)`` when it is not the next one or has another size.
    public func append<T: BitwiseCopyable>(_ name: String, _ values: [T]) throws(StorageError) {
        guard let next = pending.popFirst(), next.name == name, next.bytes == values.count * MemoryLayout<T>.stride
        else {
            throw .malformed(path: file.path, detail: "tensor '\(name)' was not declared here with this size")
        }
        try file.align(to: 64)
        try file.write(values)
    }

    /// Makes the file durable under its name.
    /// - Returns: Its bytes and CRC-32C.
    /// - Throws: ``StorageError``.
    @discardableResult public func commit() throws(StorageError) -> (bytes: Int, crc32c: UInt32) {
        guard pending.isEmpty else { throw .malformed(path: file.path, detail: "declared tensors are missing") }
        try file.align(to: 64)
        try file.commit()
        return (file.count, file.checksum.value)
    }
}
