import InvertedIndex
import Synchronization

/// A merge that runs beside a build, on a thread of the pool.
final class BackgroundMerge: Sendable {
    let task: MergeTask
    private let running: Task<MergedSegment, any Error>
    private let done: Done

    private final class Done: Sendable { let isSet = Atomic(false) }

    init(_ task: MergeTask) {
        let done = Done()
        self.task = task
        self.done = done
        running = Task.detached(priority: .utility) {
            defer { done.isSet.store(true, ordering: .releasing) }
            return try task.run()
        }
    }

    /// Whether it has ended, well or not.
    var isDone: Bool { done.isSet.load(ordering: .acquiring) }

    /// What it made; waits for the end.
    /// - Throws: `IndexError`.
    var merged: MergedSegment { get async throws { try await running.value } }
}
