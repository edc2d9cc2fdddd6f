import Foundation

/// The element types of safetensors that Apus reads.
public enum TensorType: String, Sendable, Codable {
    case bool = "BOOL"
    case u8 = "U8"
    case i8 = "I8"
    case u16 = "U16"
    case i16 = "I16"
    case u32 = "U32"
    case i32 = "I32"
    case u64 = "U64"
    case i64 = "I64"
    case f16 = "F16"
    case bf16 = "BF16"
    case f32 = "F32"
    case f64 = "F64"

    /// Bytes per element.
    public var size: Int {
        switch self {
        case .bool, .u8, .i8: 1
        case .u16, .i16, .f16, .bf16: 2
        case .u32, .i32, .f32: 4
        case .u64, .i64, .f64: 8
        }
    }
}

/// A read-only safetensors container: eight bytes of header length, a JSON header, then the tensors' bytes.
///
///     {"name": {"dtype": "F32", "shape": [rows, columns], "data_offsets": [begin, end]}, "__metadata__": {…}}
///
/// Everything is checked on opening: offsets inside the file, byte counts equal to shape × type, no overlap.
public struct SafetensorsFile: Sendable {
    /// One tensor's place in the file.
    public struct Tensor: Sendable {
        /// Element type.
        public let type: TensorType
        /// Dimensions, outermost first.
        public let shape: [Int]
        /// First byte, from the start of the file.
        public let offset: Int
        /// Number of elements.
        public var count: Int { shape.reduce(1, *) }
    }

    /// The bytes behind the tensors.
    public let bytes: MappedBytes
    /// All tensors by name.
    public let tensors: [String: Tensor]
    /// The string pairs of `__metadata__`.
    public let metadata: [String: String]

    private struct Entry: Decodable {
        let dtype: String
        let shape: [Int]
        let data_offsets: [Int]
    }

    private enum Value: Decodable {
        case tensor(Entry)
        case metadata([String: String])

        init(from decoder: any Decoder) throws {
            if let entry = try? Entry(from: decoder) {
                self = .tensor(entry)
            } else {
                self = .metadata(try [String: String](from: decoder))
            }
        }
    }

    /// Maps and checks a file.
    /// - Throws: ``StorageError``, with what is wrong when the file is not a whole safetensors container.
    public init(path: String) throws(StorageError) { try self.init(bytes: MappedBytes(path: path)) }

    /// Checks a container that is already in memory.
    /// - Throws: ``StorageError/malformed(path:detail:)``.
    public init(bytes: MappedBytes) throws(StorageError) {
        self.bytes = bytes
        let path = bytes.path
        guard bytes.count >= 8 else {
            throw .malformed(path: path, detail: "\(bytes.count) bytes, a safetensors file has at least 8")
        }
        let length = unsafe UInt64(littleEndian: bytes.unsafeBytes.loadUnaligned(as: UInt64.self))
        guard length <= 100_000_000, Int(length) <= bytes.count - 8 else {
            throw .malformed(
                path: path, detail: "the header should take \(length) bytes but the file has \(bytes.count); truncated?"
            )
        }
        let start = 8 + Int(length)
        let header = unsafe Data(bytes.unsafeBytes[8..<start])
        let entries: [String: Value]
        do { entries = try JSONDecoder().decode([String: Value].self, from: header) } catch {
            throw .malformed(path: path, detail: "the header is not the JSON of a safetensors file")
        }
        var tensors: [String: Tensor] = [:]
        var metadata: [String: String] = [:]
        var ranges: [(begin: Int, end: Int, name: String)] = []
        for (name, value) in entries {
            switch value {
            case .metadata(let pairs):
                guard name == "__metadata__" else {
                    throw .malformed(path: path, detail: "tensor '\(name)' has no dtype, shape and data_offsets")
                }
                metadata = pairs
            case .tensor(let entry):
                guard let type = TensorType(rawValue: entry.dtype) else {
                    throw .malformed(path: path, detail: "tensor '\(name)' has the unknown type \(entry.dtype)")
                }
                var size = type.size
                for dimension in entry.shape {
                    let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
                    guard dimension >= 0, !overflow else {
                        throw .malformed(path: path, detail: "tensor '\(name)' has the impossible shape \(entry.shape)")
                    }
                    size = product
                }
                let offsets = entry.data_offsets
                guard offsets.count == 2, offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= bytes.count - start
                else {
                    throw .malformed(
                        path: path, detail: "tensor '\(name)' lies outside the file of \(bytes.count) bytes; truncated?"
                    )
                }
                guard offsets[1] - offsets[0] == size else {
                    throw .malformed(
                        path: path,
                        detail: "tensor '\(name)' has \(offsets[1] - offsets[0]) bytes, its shape needs \(size)")
                }
                if size > 0 { ranges.append((offsets[0], offsets[1], name)) }
                tensors[name] = Tensor(type: type, shape: entry.shape, offset: start + offsets[0])
            }
        }
        ranges.sort { $0.begin < $1.begin }
        for (a, b) in zip(ranges, ranges.dropFirst()) where b.begin < a.end {
            throw .malformed(path: path, detail: "tensors '\(a.name)' and '\(b.name)' overlap")
        }
        self.tensors = tensors
        self.metadata = metadata
    }

    /// A mapped tensor of exactly this type and, where given, shape. Unsafe: must not outlive ``bytes``.
    /// - Throws: ``StorageError`` when it is missing, of another type or shape, or not aligned.
    public func unsafeTensor<T: BitwiseCopyable>(
        _ name: String, of swiftType: T.Type, type: TensorType, shape: [Int]? = nil
    )
        throws(StorageError) -> UnsafeBufferPointer<T>
    {
        guard let tensor = tensors[name] else { throw .missingTensor(path: bytes.path, name: name) }
        guard tensor.type == type, shape == nil || shape == tensor.shape, MemoryLayout<T>.stride == type.size else {
            throw .unexpectedTensor(
                path: bytes.path, name: name, found: "\(tensor.type.rawValue) \(tensor.shape)",
                expected: "\(type.rawValue) \(shape.map { "\($0)" } ?? "")")
        }
        return try unsafe bytes.unsafeArray(of: T.self, at: tensor.offset, count: tensor.count)
    }
}
