import DequeModule
import Dispatch
import Foundation
import Synchronization

/// A bounded number of threads for work that keeps a core busy, and a bounded queue before them.
///
/// Searching on the cooperative threads would keep requests from being read and answered. What does not fit into the queue is refused
/// at once, so that what is accepted does not wait for ever.
final class WorkerPool: Sendable {
    private struct State {
        var waiting = Deque<@Sendable () -> Void>()
        var isClosed = false
    }

    /// What a piece of work made, and how long it waited for a thread.
    struct Done<Value: Sendable>: Sendable {
        let value: Value
        let waited: Duration
    }

    private let state = Mutex(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let limit: Int
    private let threads: Int

    /// - Parameters:
    ///   - threads: How many pieces run at a time.
    ///   - waiting: How many others wait at most.
    init(threads: Int, waiting: Int) {
        self.threads = max(1, threads)
        limit = max(1, waiting)
        for number in 0..<self.threads {
            let thread = Thread { [self] in serve() }
            thread.name = "apus search \(number + 1)"
            thread.stackSize = 8 << 20
            thread.start()
        }
    }

    /// Pieces that wait.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Runs a piece of work on one of the threads.
    /// - Throws: ``ServerError/busy`` when too many wait; what `body` throws.
    func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Done<Value> {
        let asked = ContinuousClock.now
        return try await withCheckedThrowingContinuation { continuation in
            let isTaken = state.withLock { state in
                guard !state.isClosed, state.waiting.count < limit else { return false }
                state.waiting.append {
                    let waited = ContinuousClock.now - asked
                    continuation.resume(with: Result { Done(value: try body(), waited: waited) })
                }
                return true
            }
            if isTaken { arrived.signal() } else { continuation.resume(throwing: ServerError.busy) }
        }
    }

    /// Ends the threads when nothing waits any more.
    func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<threads { arrived.signal() }
    }

    private func serve() {
        while true {
            arrived.wait()
            let (work, isClosed) = state.withLock { ($0.waiting.popFirst(), $0.isClosed) }
            if let work { work() } else if isClosed { return }
        }
    }
}
