import Apus
import Foundation

/// A bounded number of threads for work that keeps a core busy, and a bounded queue before them.
///
/// Searching on the cooperative threads would keep requests from being read and answered. What does not fit into the queue is refused
/// at once, so that what is accepted does not wait for ever.
final class WorkerPool: Sendable {
    /// What a piece of work made, and how long it waited for a thread.
    struct Done<Value: Sendable>: Sendable {
        let value: Value
        let waited: Duration
    }

    private let queue: BoundedQueue<@Sendable () -> Void>
    private let estimate: WaitEstimate

    /// - Parameters:
    ///   - threads: How many pieces run at a time.
    ///   - waiting: How many others wait at most.
    ///   - longest: How long others wait at most, about.
    init(
        threads: Int, waiting: Int, longest: Duration = .seconds(60), _ overload: WaitEstimate.Overload = .init()
    ) {
        let queue = BoundedQueue<@Sendable () -> Void>(limit: waiting)
        let estimate = WaitEstimate(longest: longest, threads: threads, overload)
        (self.queue, self.estimate) = (queue, estimate)
        for number in 0..<max(1, threads) {
            Thread.serving("apus search \(number + 1)") {
                while let work = queue.take() {
                    let start = ContinuousClock.now
                    work[0]()
                    estimate.took((ContinuousClock.now - start).seconds)
                }
            }
        }
    }

    /// Pieces that wait.
    var waiting: Int { queue.count }

    /// Runs a piece of work on one of the threads.
    /// - Parameter isBegun: Whether others worked for it already, so that refusing it now would waste that.
    /// - Throws: ``ServerError/busy`` when too many wait, or too long; what `body` throws.
    func run<Value: Sendable>(
        isBegun: Bool = false, _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Done<Value> {
        guard isBegun || !estimate.isTooLong(behind: queue.count) else { throw ServerError.busy }
        let asked = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            let isTaken = queue.offer {
                let waited = ContinuousClock.now - asked
                continuation.resume(with: Result { Done(value: try body(), waited: waited) })
            }
            if !isTaken { continuation.resume(throwing: ServerError.busy) }
        }
    }

    /// Ends the threads when nothing waits any more.
    func close() { queue.close() }
}

extension Thread {
    /// Starts a thread with room for deep recursion.
    static func serving(_ name: String, _ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.name = name
        thread.stackSize = 8 << 20
        thread.start()
    }
}
