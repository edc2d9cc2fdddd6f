/// Writes a safetensors container in one pass: tensors one after another, whose sizes are known only when they end.
///
///     let file = try SafetensorsStream(path: path, mostTensors: 2)
///     try file.begin("postings", .u8)
///     while let bytes = next() { try file.append(bytes) }
///     try file.end(shape: [count])
///     try file.write("ends", .u32, ends)
///     let (bytes, root) = try file.commit()
///
/// The header is reserved and filled in at the end. Tensors start on 64-byte borders of the file, and a last tensor `checksums`
/// U32 [pages] covers everything before it, for ``CheckedFile``.
public final class SafetensorsStream {
    /// More than the longest line of the header takes, with a name of up to 30 bytes.
    private static let longestEntry = 120

    private let file: AtomicFile
    private let metadata: [String: String]
    /// Bytes of the header.
    private let reserved: Int
    private var tensors: [(tensor: SafetensorsWriter.Declaration, offset: Int)] = []
    private var begun: (name: String, type: TensorType, start: Int)?

    /// Begins a file.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public init(
        path: String, mostTensors: Int, metadata: [String: String] = [:], permissions: UInt32? = nil
    ) throws(StorageError) {
        self.metadata = metadata
        let pairs = metadata.reduce(64) { $0 + 6 * ($1.key.utf8.count + $1.value.utf8.count) }
        let page = PageChecksums.pageSize
        reserved = (8 + pairs + (mostTensors + 1) * Self.longestEntry + page - 1) / page * page
        file = try AtomicFile(path: path, permissions: permissions, checksums: true, reserving: reserved)
    }

    /// Begins a tensor.
    /// - Throws: ``StorageError``.
    public func begin(_ name: String, _ type: TensorType) throws(StorageError) {
        precondition(begun == nil, "a tensor has not ended")
        try file.align(to: 64)
        begun = (name, type, file.count)
    }

    /// Continues the tensor.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func append<T: BitwiseCopyable>(_ values: [T]) throws(StorageError) { try file.write(values) }

    /// Continues the tensor.
    /// - Throws: ``StorageError/io(path:operation:code:)``.
    public func append(_ bytes: UnsafeRawBufferPointer) throws(StorageError) { try unsafe file.write(bytes) }

    /// Ends the tensor, which has as many bytes as its shape says.
    /// - Throws: ``StorageError/malformed(path:detail:)`` otherwise.
    public func end(shape: [Int]) throws(StorageError) {
        guard let (name, type, start) = begun else { return }
        begun = nil
        let tensor = SafetensorsWriter.Declaration(name, type, shape: shape)
        guard tensor.bytes == file.count - start else {
            throw .malformed(path: file.path, detail: "tensor '\(name)' has not the size that it was to have")
        }
        tensors.append((tensor, start - reserved))
    }

    /// Writes a whole tensor.
    /// - Throws: ``StorageError``.
    public func write<T: BitwiseCopyable>(
        _ name: String, _ type: TensorType, shape: [Int]? = nil, _ values: [T]
    ) throws(StorageError) {
        try begin(name, type)
        try append(values)
        try end(shape: shape ?? [values.count])
    }

    /// Whether what was written so far could be packed, see ``commit(packedAs:)``.
    public var isSmall: Bool { file.count <= PackedFile.mostBytes && file.buffered != nil }

    /// Makes the file durable as a packed one, without checksums of its own, under another name, which waits for the directory to be
    /// synced. Only where it ``isSmall``, and what came since is too.
    /// - Returns: Its bytes, and their CRC-32C.
    /// - Throws: ``StorageError``.
    public func commit(packedAs path: String) throws(StorageError) -> (bytes: Int, crc32c: UInt32) {
        guard let written = file.buffered else {
            throw .malformed(path: path, detail: "it is too large to be packed")
        }
        let header = try SafetensorsWriter.header(file.path, tensors, metadata, multipleOf: 64)
        let packed = PackedFile.packed(header + written[reserved...])
        file.replace(with: packed)
        try file.rename(as: path)
        return (packed.count, CRC32C.checksum(of: packed))
    }

    /// Makes the file durable under its name, which waits for the directory to be synced.
    /// - Returns: Its bytes, and the root of its checksums.
    /// - Throws: ``StorageError``.
    public func commit() throws(StorageError) -> (bytes: Int, root: UInt32) {
        try file.align(to: 64)
        let table = SafetensorsWriter.Declaration(
            SafetensorsWriter.checksums, .u32, shape: [PageChecksums.count(of: file.count)])
        let header = try SafetensorsWriter.header(
            file.path, tensors + [(table, file.count - reserved)], metadata, multipleOf: reserved)
        guard header.count == reserved else {
            throw .malformed(path: file.path, detail: "the header is longer than what was kept for it")
        }
        try file.fill(header)
        let sums = file.pages?.sums ?? []
        try file.write(sums)
        try file.rename()
        return unsafe (file.count, sums.withUnsafeBytes { unsafe CRC32C.checksum(of: $0) })
    }
}
