/// Memory that C reads, filled once and freed with this object; hold the object while C may read.
final class AlignedTable<Element: BitwiseCopyable>: @unchecked Sendable {
    let pointer: UnsafePointer<Element>  // filled by init, then only read

    /// - Parameter fill: Sets all `count` elements.
    init(count: Int, fill: (UnsafeMutablePointer<Element>) -> Void) {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
        fill(memory)
        pointer = UnsafePointer(memory)
    }

    deinit { pointer.deallocate() }
}
