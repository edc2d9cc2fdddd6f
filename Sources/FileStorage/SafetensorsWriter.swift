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

    /// The name of the tensor of checksums.
    public static let checksums = "checksums"

    private let file: AtomicFile
    private var pending: ArraySlice<Declaration>

    /// Writes the header.
    /// - Parameter checksums: Whether a last tensor `checksums` U32 [pages] covers everything before it, for ``CheckedFile``.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init(
        path: String, tensors: [Declaration], metadata: [String: String] = [:], permissions: UInt32? = nil,
        checksums: Bool = false
    ) throws(StorageError) {
        let bytes = tensors.reduce(0) { $0 + ($1.bytes + 63) / 64 * 64 }
        var header = try Self.header(path, tensors, metadata)
        var last: Declaration?
        // The header's own length decides how many pages there are, and their number is part of the header.
        while checksums, last?.shape != [PageChecksums.count(of: header.count + bytes)] {
            let table = Declaration(Self.checksums, .u32, shape: [PageChecksums.count(of: header.count + bytes)])
            header = try Self.header(path, tensors + [table], metadata)
            last = table
        }
        file = try AtomicFile(path: path, permissions: permissions, checksums: checksums)
        try file.write(header)
        pending = tensors[...]
    }

    /// The length of the JSON, and the JSON padded to a multiple of 64 bytes with it.
    private static func header(_ path: String, _ tensors: [Declaration], _ metadata: [String: String])
        throws(StorageError) -> [UInt8]
    {
        var offset = 0
        var places: [Int] = []
        for tensor in tensors {
            places.append(offset)
            offset += (tensor.bytes + 63) / 64 * 64
        }
        return try header(path, Array(zip(tensors, places)), metadata, multipleOf: 64)
    }

    /// The same with the places of the tensors behind the header, padded to a multiple of some bytes.
    static func header(
        _ path: String, _ tensors: [(tensor: Declaration, offset: Int)], _ metadata: [String: String],
        multipleOf size: Int
    ) throws(StorageError) -> [UInt8] {
        var header: [String: Any] = metadata.isEmpty ? [:] : ["__metadata__": metadata]
        for (tensor, offset) in tensors {
            header[tensor.name] = [
                "dtype": tensor.type.rawValue, "shape": tensor.shape,
                "data_offsets": [offset, offset + tensor.bytes],
            ]
        }
        guard
            var json = try? JSONSerialization.data(
                withJSONObject: header, options: [.sortedKeys, .withoutEscapingSlashes])
        else { throw .malformed(path: path, detail: "the header cannot be written as JSON") }
        json.append(contentsOf: [UInt8](repeating: 0x20, count: (size - (json.count + 8) % size) % size))
        return unsafe withUnsafeBytes(of: UInt64(json.count).littleEndian) { unsafe Array($0) } + json
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

    /// Makes the file durable under its name; where it has checksums, the name waits for the directory to be synced.
    /// - Returns: Its bytes, and the root of its checksums (0 without).
    /// - Throws: ``StorageError``.
    @discardableResult public func commit() throws(StorageError) -> (bytes: Int, root: UInt32) {
        guard pending.isEmpty else { throw .malformed(path: file.path, detail: "declared tensors are missing") }
        try file.align(to: 64)
        guard let sums = file.pages?.sums else {
            try file.commit()
            return (file.count, 0)
        }
        try file.write(sums)
        try file.rename()
        return unsafe (file.count, sums.withUnsafeBytes { unsafe CRC32C.checksum(of: $0) })
    }
}
