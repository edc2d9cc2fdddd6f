import InvertedIndex
import Synchronization

/// A merge that runs beside a build, on a thread of the pool.
final class BackgroundMerge: Sendable {
    private let task: MergeTask
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

    /// Waits for the end, and gives what it made to the writer that began it.
    /// - Throws: `IndexError`; the segments then stay as they were.
    func end(_ writer: IndexWriter) async throws {
        do { try await writer.adopt(try await running.value) } catch {
            await writer.giveUp(task)
            throw error
        }
    }
}
