import Apus
import Synchronization

/// How long what comes now would wait, told from how long pieces of work took lately.
///
/// A queue of 256 is a second for slow queries and 20 ms for fast ones, so its length alone bounds no client's wait.
final class WaitEstimate: Sendable {
    private let mean = Mutex(0.0)
    private let longest: Double
    private let threads: Double

    /// - Parameters:
    ///   - longest: The wait from which on work is refused.
    ///   - threads: Pieces that run at a time.
    init(longest: Duration, threads: Int) {
        self.longest = longest.seconds
        self.threads = Double(max(1, threads))
    }

    /// Pieces took some seconds, all together.
    func took(_ seconds: Double, pieces: Int = 1) {
        // The last 32 or so count.
        let share = min(1, Double(pieces) / 32)
        mean.withLock { $0 += (seconds / Double(pieces) - $0) * share }
    }

    /// Whether a piece behind as many others would wait too long. What finds nothing before it is always taken.
    func isTooLong(behind waiting: Int) -> Bool {
        waiting > 0 && Double(waiting) * mean.withLock { $0 } / threads > longest
    }
}
