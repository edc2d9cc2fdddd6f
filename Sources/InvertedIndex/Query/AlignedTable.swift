/// Memory that C reads, filled once and freed with this object; hold the object while C may read.
@safe final class AlignedTable<Element: BitwiseCopyable>: @unchecked Sendable {
    let pointer: UnsafePointer<Element>  // filled by init, then only read

    /// - Parameter fill: Sets all `count` elements.
    init(count: Int, fill: (UnsafeMutablePointer<Element>) -> Void) {
        let memory = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
        unsafe fill(memory)
        unsafe pointer = unsafe UnsafePointer(memory)
    }

    deinit { unsafe pointer.deallocate() }
}
