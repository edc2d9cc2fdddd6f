import Glibc

/// Read-only bytes that stay at one address for the life of this object: a memory-mapped file, memory of the binary, or memory of its own.
///
/// The file may be renamed or unlinked while it is mapped; the bytes stay readable.
@safe public final class MappedBytes: Sendable {
    /// Where the bytes come from, for messages.
    public let path: String
    /// How many bytes there are.
    public let count: Int
    private nonisolated(unsafe) let base: UnsafeRawPointer?
    private let isMapped: Bool
    private let isOwned: Bool

    /// How the bytes will be read; see `madvise(2)`.
    public enum Access: Sendable { case normal, random, sequential, willNeed, done }

    /// Maps a whole file.
    /// - Throws: ``StorageError/missing(path:)`` or ``StorageError/io(path:operation:code:)``.
    public init(path: String) throws(StorageError) {
        self.path = path
        isOwned = false
        let descriptor = retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(path: path) : .io(path: path, operation: "open", code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .io(path: path, operation: "inspect", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .io(path: path, operation: "map", code: EISDIR) }
        count = Int(status.st_size)
        isMapped = count > 0
        guard isMapped else {
            unsafe base = nil
            return
        }
        let address = unsafe mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0)
        guard let address = unsafe address, unsafe address != MAP_FAILED else {
            throw .io(path: path, operation: "map", code: errno)
        }
        unsafe base = UnsafeRawPointer(address)
    }

    /// Wraps memory that lives as long as the process, such as data embedded in the binary.
    ///
    /// Unsafe: the caller promises that `bytes` is never written or freed.
    public init(unsafeStatic bytes: UnsafeRawBufferPointer, name: String) {
        path = name
        count = bytes.count
        unsafe base = bytes.baseAddress
        isMapped = false
        isOwned = false
    }

    /// Takes memory that was allocated for it, and frees it in the end.
    init(unsafeOwning bytes: UnsafeMutableRawBufferPointer, name: String) {
        path = name
        count = bytes.count
        unsafe base = UnsafeRawPointer(bytes.baseAddress)
        isMapped = false
        isOwned = true
    }

    deinit {
        if isOwned { unsafe base?.deallocate() }
        if isMapped, let base = unsafe base { unsafe munmap(UnsafeMutableRawPointer(mutating: base), count) }
    }

    /// The bytes. Unsafe: the pointer must not outlive this object.
    public var unsafeBytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

    /// Calls `body` with the bytes, which stay where they are during the call.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Without it, the last use of the object would be the one before the bytes are read.
        defer { withExtendedLifetime(self) {} }
        return try unsafe body(unsafeBytes)
    }

    /// All bytes, copied.
    public func copied() -> [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// A typed view of `count` values from `offset`. Unsafe: the pointer must not outlive this object.
    /// - Throws: ``StorageError/malformed(path:detail:)`` when the range leaves the file or is not aligned.
    public func unsafeArray<T: BitwiseCopyable>(of type: T.Type, at offset: Int, count: Int) throws(StorageError)
        -> UnsafeBufferPointer<T>
    {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<T>.stride)
        guard offset >= 0, count >= 0, !overflow, offset <= self.count, bytes <= self.count - offset else {
            throw .malformed(
                path: path, detail: "\(count) values at byte \(offset) leave the file of \(self.count) bytes")
        }
        guard count > 0, let start = unsafe base.map({ unsafe $0 + offset }) else {
            return unsafe UnsafeBufferPointer(start: nil, count: 0)
        }
        guard Int(bitPattern: start) % MemoryLayout<T>.alignment == 0 else {
            throw .malformed(
                path: path, detail: "values at byte \(offset) are not aligned to \(MemoryLayout<T>.alignment)")
        }
        return unsafe UnsafeBufferPointer(start: start.assumingMemoryBound(to: T.self), count: count)
    }

    /// Tells the kernel how a range will be read; a hint, so failures are ignored.
    public func advise(_ access: Access, range: Range<Int>? = nil) {
        guard isMapped, let base = unsafe base else { return }
        let range = (range ?? 0..<count).clamped(to: 0..<count)
        let page = 4096
        let start = range.lowerBound / page * page
        let advice: Int32 =
            switch access {
            case .normal: MADV_NORMAL
            case .random: MADV_RANDOM
            case .sequential: MADV_SEQUENTIAL
            case .willNeed: MADV_WILLNEED
            // Read again when it is needed again: until then it is no memory of this process.
            case .done: MADV_DONTNEED
            }
        unsafe madvise(UnsafeMutableRawPointer(mutating: base + start), range.upperBound - start, advice)
    }
}
