import DequeModule
import Dispatch
import NIOConcurrencyHelpers

/// What waits for threads, in order and only so many; more is refused at once.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var waiting = Deque<Element>()
        var isClosed = false
    }

    // Not a Mutex: what that does when several want it is hidden from ThreadSanitizer in the standard library's binary.
    private let state = NIOLockedValueBox(State())
    private let arrived = DispatchSemaphore(value: 0)
    private let limit: Int

    /// - Parameter limit: How many wait at most; with 0 everything is refused.
    init(limit: Int) { self.limit = max(0, limit) }

    /// How many wait.
    var count: Int { state.withLockedValue { $0.waiting.count } }

    /// Lets one wait.
    /// - Returns: False when the queue is full or closed.
    func offer(_ element: Element) -> Bool {
        let isTaken = state.withLockedValue { state in
            guard !state.isClosed, state.waiting.count < limit else { return false }
            state.waiting.append(element)
            return true
        }
        if isTaken { arrived.signal() }
        return isTaken
    }

    /// Waits for the first, and takes those right behind it that go with it.
    /// - Parameters:
    ///   - most: How many are taken.
    ///   - goesWith: Whether one goes with the first.
    /// - Returns: At least one; nil when the queue is closed and nothing waits.
    func take(_ most: Int = 1, _ goesWith: (_ first: Element, _ other: Element) -> Bool = { _, _ in true })
        -> [Element]?
    {
        while true {
            arrived.wait()
            let (taken, isClosed) = state.withLockedValue { state -> ([Element], Bool) in
                var taken: [Element] = []
                while taken.count < most, let next = state.waiting.first, goesWith(taken.first ?? next, next) {
                    taken.append(next)
                    state.waiting.removeFirst()
                }
                return (taken, state.isClosed)
            }
            // What others took along was signalled, too: then nothing waits, and this waits on.
            if !taken.isEmpty { return taken }
            guard isClosed else { continue }
            // The next thread learns it likewise.
            arrived.signal()
            return nil
        }
    }

    /// Takes nothing more; what waits is still handed out.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        arrived.signal()
    }
}
