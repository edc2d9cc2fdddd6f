/// Memory for C, freed with this object; hold the object while C may read.
final class AlignedTable<Element: BitwiseCopyable> {
    let count: Int
    let pointer: UnsafeMutablePointer<Element>

    /// Uninitialised.
    init(count: Int) {
        self.count = count
        pointer = .allocate(capacity: max(1, count))
    }

    deinit { pointer.deallocate() }
}
