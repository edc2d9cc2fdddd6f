import FileStorage

/// Zeroed memory on a 64-byte border, owned by this object, or a part of a mapped file, which is only read.
///
/// Unsafe in that nothing guards against two writers: weights are written once, before they are shared, and a workspace
/// belongs to one worker at a time. Swift may free an object after its last use, so a function that passes ``pointer`` of a
/// local buffer to C holds the buffer with `defer { withExtendedLifetime(buffer) {} }`.
@safe final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    let count: Int
    let pointer: UnsafeMutablePointer<Element>
    /// The mapping or the pages that the memory is of; nil when it is the allocator's.
    private let owner: AnyObject?

    /// - Parameters:
    ///   - isSparse: Whether few of the elements will ever be written.
    ///   - arena: Where there may be room among other buffers that live as long.
    init(count: Int, isSparse: Bool = false, in arena: PanelArena? = nil) {
        self.count = count
        let bytes = max(64, count * MemoryLayout<Element>.stride)
        if let (start, pages) = unsafe arena?.place(bytes: bytes) {
            owner = pages
            unsafe pointer = unsafe start.assumingMemoryBound(to: Element.self)
            return
        }
        if bytes >= ZeroedPages.least, let pages = ZeroedPages(bytes: bytes, isSparse: isSparse) {
            owner = pages
            unsafe pointer = unsafe pages.start.assumingMemoryBound(to: Element.self)
            return
        }
        owner = nil
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        unsafe pointer = unsafe raw.assumingMemoryBound(to: Element.self)
    }

    /// Elements of a mapped file; nil when they do not lie in it.
    init?(mapped bytes: MappedBytes, offset: Int, count: Int) {
        let stored = unsafe bytes.unsafeBytes
        guard let base = stored.baseAddress, offset >= 0, count >= 0,
            count <= (stored.count - offset) / MemoryLayout<Element>.stride
        else { return nil }
        self.count = count
        owner = bytes
        // Nothing writes through a mapped buffer: its pages are read-only.
        unsafe pointer = unsafe UnsafeMutableRawPointer(mutating: base + offset).assumingMemoryBound(to: Element.self)
    }

    convenience init(_ values: [Element]) {
        self.init(count: values.count)
        for (i, value) in values.enumerated() { unsafe pointer[i] = value }
    }

    /// The elements as an array.
    func copied() -> [Element] { unsafe Array(UnsafeBufferPointer(start: pointer, count: count)) }

    /// The bytes of the elements, valid while this object lives.
    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: pointer, count: count * MemoryLayout<Element>.stride)
    }

    deinit {
        if owner == nil { unsafe UnsafeMutableRawPointer(pointer).deallocate() }
    }
}
