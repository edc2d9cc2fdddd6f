import Foundation

/// A thread for tasks that keep a core or a disk busy, so that the cooperative threads go on answering.
final class ThreadExecutor: TaskExecutor {
    private let queue = BoundedQueue<UnownedJob>(limit: .max)

    init(_ name: String) {
        Thread.serving(name) { [queue, self] in
            let executor = unsafe asUnownedTaskExecutor()
            while let jobs = queue.take() { unsafe jobs[0].runSynchronously(on: executor) }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) { _ = queue.offer(UnownedJob(job)) }

    /// Ends the thread; no task may be left on it.
    func close() { queue.close() }
}
