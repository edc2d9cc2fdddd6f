/// Uninitialised-then-zeroed memory on a 64-byte border, owned by this object.
///
/// Unsafe in that nothing guards against two writers: weights are written once, before they are shared, and a workspace
/// belongs to one worker at a time. Swift may free an object after its last use, so a function that passes ``pointer`` of a
/// local buffer to C holds the buffer with `defer { withExtendedLifetime(buffer) {} }`.
final class AlignedBuffer<Element: BitwiseCopyable>: @unchecked Sendable {
    let count: Int
    let pointer: UnsafeMutablePointer<Element>

    init(count: Int) {
        self.count = count
        let bytes = max(64, count * MemoryLayout<Element>.stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
        pointer = raw.assumingMemoryBound(to: Element.self)
    }

    convenience init(_ values: [Element]) {
        self.init(count: values.count)
        for (i, value) in values.enumerated() { pointer[i] = value }
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
