import Synchronization

/// Large pages that the layers of one model share, each of which is too small to fill one.
///
/// The panels of six layers of 384 are 10 MB in 24 pieces: 5 page faults in place of 2,900, and addresses that the processor still knows when
/// the next text comes. Nothing is given back before the last layer of a slab goes, so it is for what lives as long as the model.
final class PanelArena: Sendable {
    private static let slab = 4 * ZeroedPages.large

    private let current = Mutex<(pages: ZeroedPages?, used: Int)>((nil, 0))

    /// Zeroed memory on a 64-byte border and the pages that it is of; nil for sizes that do better by themselves, and without memory.
    func place(bytes: Int) -> (start: UnsafeMutableRawPointer, owner: ZeroedPages)? {
        guard (ZeroedPages.least..<ZeroedPages.large).contains(bytes) else { return nil }
        return unsafe current.withLock { current in
            if current.pages.map({ current.used + bytes > $0.count }) ?? true {
                current = (ZeroedPages(bytes: Self.slab), 0)
            }
            guard let pages = current.pages else { return nil }
            defer { current.used += (bytes + 63) / 64 * 64 }
            return unsafe (pages.start + current.used, pages)
        }
    }
}
