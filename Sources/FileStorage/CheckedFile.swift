import CApusKernels

/// A mapped file that ends in the checksums of its own pages.
///
///     covered bytes | CRC-32C of each 4,096 of them, UInt32 little-endian
///
/// A page is compared when it is first asked for, and only then: opening a large file costs nothing, and nothing that was not
/// written is ever used. The *root*, the CRC-32C of the checksums, is kept by whoever names the file.
@safe public final class CheckedFile: Sendable {
    /// The whole file.
    public let bytes: MappedBytes
    /// Bytes in front of the checksums.
    public let covered: Int
    private let pages: Int
    private static let released = 16 << 20
    nonisolated(unsafe) private let sums: UnsafePointer<UInt32>
    nonisolated(unsafe) private let states: UnsafeMutablePointer<UInt8>

    /// - Throws: ``StorageError/malformed(path:detail:)`` when the checksums are not those with this root.
    public init(_ bytes: MappedBytes, root: UInt32) throws(StorageError) {
        self.bytes = bytes
        // n bytes have ⌈n / 4,096⌉ checksums of 4 bytes behind them.
        pages = (bytes.count + PageChecksums.pageSize + 3) / (PageChecksums.pageSize + 4)
        covered = bytes.count - 4 * pages
        guard covered > 0, PageChecksums.count(of: covered) == pages, covered % 4 == 0 else {
            throw .malformed(path: bytes.path, detail: "its \(bytes.count) bytes cannot end in checksums; truncated?")
        }
        let table = try unsafe bytes.unsafeArray(of: UInt32.self, at: covered, count: pages)
        var crc = CRC32C()
        unsafe crc.update(UnsafeRawBufferPointer(table))
        guard let start = table.baseAddress, crc.value == root else {
            throw .malformed(
                path: bytes.path,
                detail: "the checksums at its end (bytes \(covered) to \(bytes.count - 1)) do not hold")
        }
        unsafe sums = unsafe start
        // Eight are looked at together.
        unsafe states = unsafe UnsafeMutableRawPointer.allocate(byteCount: pages, alignment: 8).assumingMemoryBound(
            to: UInt8.self)
        unsafe states.initialize(repeating: 0, count: pages)
    }

    deinit { unsafe states.deallocate() }

    /// Where kernels note the pages that they read, for ``verify(_:onlyRead:)``. Unsafe: must not outlive this object.
    public var unsafeStates: UnsafeMutablePointer<UInt8> { unsafe states }

    /// Compares the pages of these bytes, each once in the life of this object.
    /// - Parameter onlyRead: Only those that somebody has read, as far as it was noted in ``unsafeStates``.
    /// - Throws: ``StorageError/damaged(path:bytes:)`` with the first page that differs.
    /// - Complexity: O(bytes) the first time, O(pages) later.
    public func verify(_ range: Range<Int>, onlyRead: Bool = false) throws(StorageError) {
        let range = range.clamped(to: 0..<covered)
        guard !range.isEmpty, let start = unsafe bytes.unsafeBytes.baseAddress else { return }
        // Safe: the pages lie inside the file, and there is a checksum and a flag for each.
        let bad = unsafe apus_verify_pages(
            start.assumingMemoryBound(to: UInt8.self), covered, sums, states, range.lowerBound / PageChecksums.pageSize,
            PageChecksums.count(of: range.upperBound), onlyRead ? 1 : 0)
        guard bad < 0 else { throw damage(page: bad) }
    }

    /// Compares every page anew, whatever was compared before.
    /// - Throws: ``StorageError/damaged(path:bytes:)`` with the first page that differs.
    public func verifyAll() throws(StorageError) {
        bytes.advise(.sequential)
        for page in 0..<pages {
            let start = page * PageChecksums.pageSize
            var crc = CRC32C()
            let end = min(start + PageChecksums.pageSize, covered)
            unsafe crc.update(UnsafeRawBufferPointer(rebasing: bytes.unsafeBytes[start..<end]))
            guard unsafe crc.value == sums[page] else { throw damage(page: page) }
            // A large file does not become memory of the process because it is compared.
            if end % Self.released == 0 { bytes.advise(.done, range: end - Self.released..<end) }
        }
    }

    private func damage(page: Int) -> StorageError {
        let start = page * PageChecksums.pageSize
        return .damaged(path: bytes.path, bytes: start..<min(start + PageChecksums.pageSize, covered))
    }
}
