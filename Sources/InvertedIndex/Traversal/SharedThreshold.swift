import Synchronization

/// The highest threshold that any thread of one search has reached: a score that k documents are known to have, as scores of
/// different views are compared.
final class SharedThreshold: Sendable {
    private let score = Atomic<UInt32>(0)

    /// Raises it to `threshold` unless it is higher already.
    /// - Returns: What it is now.
    func raise(to threshold: UInt32) -> UInt32 {
        max(threshold, score.max(threshold, ordering: .relaxed).oldValue)
    }
}
