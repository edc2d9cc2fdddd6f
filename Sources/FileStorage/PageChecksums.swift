import CApusKernels

/// The CRC-32C of each page of 4,096 bytes, so that a reader can check what it uses and no more.
struct PageChecksums {
    static let pageSize = Int(APUS_PAGE)

    private var done: [UInt32] = []
    private var page = CRC32C()
    private var filled = 0

    /// Continues over more bytes.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = unsafe bytes[...]
        while unsafe !rest.isEmpty {
            let part = unsafe rest.prefix(Self.pageSize - filled)
            unsafe page.update(UnsafeRawBufferPointer(rebasing: part))
            unsafe filled += part.count
            unsafe rest = unsafe rest.dropFirst(part.count)
            if filled == Self.pageSize {
                done.append(page.value)
                (page, filled) = (CRC32C(), 0)
            }
        }
    }

    /// Takes the place of what the first pages held; `bytes` are whole pages that have been passed.
    mutating func replace(_ bytes: [UInt8]) {
        var first = PageChecksums()
        unsafe bytes.withUnsafeBytes { unsafe first.update($0) }
        done.replaceSubrange(0..<first.done.count, with: first.done)
    }

    /// One for each page so far; the last may be shorter.
    var sums: [UInt32] { filled > 0 ? done + [page.value] : done }

    /// How many pages `bytes` take.
    static func count(of bytes: Int) -> Int { (bytes + pageSize - 1) / pageSize }
}
