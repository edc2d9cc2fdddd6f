import Apus
import Synchronization

/// How long what comes now would wait, told from how long pieces of work took lately, and whether that is too long.
///
/// A queue of 256 is a second for slow queries and 20 ms for fast ones, so its length alone bounds no client's wait. A burst may
/// wait its time. But where more comes than can be done, the queue is full whatever its length, and every query waits for all of
/// it and is no further for that: then only what is to be done soon is taken, until nothing had to be refused for a while
/// (as CoDel tells a good queue from a bad one: Nichols and Jacobson, "Controlling queue delay", 2012).
///
/// The queues of a server share ``Overload``, as their threads share the cores.
final class WaitEstimate: Sendable {
    /// Whether there is more than can be done.
    final class Overload: Sendable {
        fileprivate let until = Mutex(ContinuousClock.now)
    }

    /// The share of the longest wait that is left under overload.
    private static let overloadShare = 0.05
    /// How long after a refusal it lasts.
    private static let overloadTime = Duration.seconds(3)

    /// Seconds of a piece.
    private let mean = Mutex(0.0)
    private let overload: Overload
    private let longest: Double
    private let threads: Double

    /// - Parameters:
    ///   - longest: The wait from which on work is refused.
    ///   - threads: Pieces that run at a time.
    init(longest: Duration, threads: Int, _ overload: Overload = Overload()) {
        self.overload = overload
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
    func isTooLong(behind waiting: Int, now: ContinuousClock.Instant = .now) -> Bool {
        guard waiting > 0 else { return false }
        let wait = Double(waiting) * mean.withLock { $0 } / threads
        return overload.until.withLock { until in
            guard wait > (now < until ? longest * Self.overloadShare : longest) else { return false }
            until = now + Self.overloadTime
            return true
        }
    }
}
