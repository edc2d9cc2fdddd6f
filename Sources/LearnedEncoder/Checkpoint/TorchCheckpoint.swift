import FileStorage

/// The tensors in a `pytorch_model.bin`: a zip archive with a pickled dictionary and one member per storage.
enum TorchCheckpoint {
    private static let storages: [String: TensorType] = [
        "torch.FloatStorage": .f32, "torch.HalfStorage": .f16, "torch.BFloat16Storage": .bf16,
        "torch.DoubleStorage": .f64, "torch.LongStorage": .i64, "torch.IntStorage": .i32, "torch.ShortStorage": .i16,
        "torch.CharStorage": .i8, "torch.ByteStorage": .u8, "torch.BoolStorage": .bool,
    ]
    private static let rebuild = "torch._utils._rebuild_tensor_v2"
    private static let parameter = "torch._utils._rebuild_parameter"

    /// Finds every tensor of the dictionary; they stay in the mapping. Values that are no tensors are left out.
    /// - Throws: ``EncoderError``.
    static func tensors(in bytes: MappedBytes) throws(EncoderError) -> [String: WeightFile.Tensor] {
        let archive = try StoredZip(bytes)
        guard let (name, range) = archive.members.first(where: { $0.key.hasSuffix("/data.pkl") }) else {
            throw .malformed(path: bytes.path, detail: "the archive has no data.pkl")
        }
        let folder = String(name.dropLast("data.pkl".count))
        if let order = archive.members[folder + "byteorder"] {
            var reader = ByteReader(bytes, in: order)
            guard try reader.string(order.count) == "little" else {
                throw .malformed(path: bytes.path, detail: "its numbers are big-endian")
            }
        }
        var pickle = PickleReader(
            bytes, in: range,
            allowing: Set(storages.keys).union([rebuild, parameter, "collections.OrderedDict"]))
        guard case .dictionary(let pairs) = try pickle.read() else {
            throw .malformed(path: bytes.path, detail: "it does not hold a dictionary of tensors")
        }
        var tensors: [String: WeightFile.Tensor] = [:]
        for pair in pairs {
            guard case .string(let key) = pair.key, case .call(let function, let arguments) = pair.value else {
                continue
            }
            tensors[key] = try tensor(key, function, arguments, archive, folder, bytes.path)
        }
        return tensors
    }

    /// `_rebuild_tensor_v2(storage, offset, size, stride, …)`, perhaps inside `_rebuild_parameter(tensor, …)`.
    private static func tensor(
        _ key: String, _ function: String, _ arguments: [PickleValue], _ archive: StoredZip, _ folder: String,
        _ path: String
    ) throws(EncoderError) -> WeightFile.Tensor {
        if function == parameter, case .call(rebuild, let inner) = arguments.first ?? .none {
            return try tensor(key, rebuild, inner, archive, folder, path)
        }
        func wrong(_ what: String) -> EncoderError { .malformed(path: path, detail: "tensor '\(key)' \(what)") }
        guard function == rebuild, arguments.count >= 4, case .persistent(let id) = arguments[0],
            case .integer(let first) = arguments[1], case .tuple(let sizes) = arguments[2],
            case .tuple(let strides) = arguments[3], sizes.count == strides.count
        else { throw wrong("is not described as PyTorch does") }
        guard id.count >= 5, case .string("storage") = id[0], case .global(let storage) = id[1],
            let type = storages[storage], case .string(let member) = id[2], case .integer(let count) = id[4]
        else { throw wrong("has an unknown storage") }
        guard let range = archive.members[folder + "data/" + member] else {
            throw wrong("has no member data/\(member)")
        }

        var shape: [Int] = []
        var elements = 1
        for (size, stride) in zip(sizes, strides).reversed() {
            guard case .integer(let size) = size, case .integer(let stride) = stride, size >= 0 else {
                throw wrong("has no plain shape")
            }
            guard size <= 1 || stride == elements else { throw wrong("is not stored row by row") }
            let (product, overflow) = elements.multipliedReportingOverflow(by: size)
            guard !overflow else { throw wrong("is too large") }
            elements = product
            shape.insert(size, at: 0)
        }
        guard first >= 0, count >= 0, first <= count, elements <= count - first,
            count <= range.count / type.size
        else { throw wrong("is larger than its storage") }
        return WeightFile.Tensor(type: type, shape: shape, offset: range.lowerBound + first * type.size)
    }
}
