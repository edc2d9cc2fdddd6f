import Dispatch
import Synchronization

/// Runs asynchronous work to its end on the thread that asks for it.
///
/// A call from C blocks its thread, and its documents come from the caller, who may let them wait. On the cooperative threads, of which
/// there are few, two such calls could keep each other from going on.
final class CallingThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])
    private let waiting = DispatchSemaphore(value: 0)
    private let isDone = Atomic(false)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
        waiting.signal()
    }

    /// - Throws: What the work throws.
    static func run<Value: Sendable>(_ work: @escaping () async throws -> Value) throws -> Value {
        let thread = CallingThread()
        let holder = Outcome<Value>()
        let work = Work(work)
        Task(executorPreference: thread) {
            let result: Result<Value, any Error>
            do { result = .success(try await work.body()) } catch { result = .failure(error) }
            holder.value.withLock { $0 = result }
            thread.isDone.store(true, ordering: .releasing)
            thread.waiting.signal()
        }
        thread.serve()
        guard let result = holder.value.withLock({ $0 }) else { throw Cancelled() }
        return try result.get()
    }

    private func serve() {
        while true {
            waiting.wait()
            let job = jobs.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let job {
                unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            } else if isDone.load(ordering: .acquiring) {
                return
            }
        }
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let value = Mutex<Result<Value, any Error>?>(nil)
    }

    /// Sent once, to the one task that runs it, on the thread that waits for it.
    private struct Work<Value: Sendable>: @unchecked Sendable {
        let body: () async throws -> Value
        init(_ body: @escaping () async throws -> Value) { self.body = body }
    }
}
