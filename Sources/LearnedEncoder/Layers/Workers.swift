import Dispatch
import Synchronization

/// Splits independent work over threads.
enum Workers {
    /// Maps chunks of `0..<count`, taken by whichever worker is free, and returns the values in order.
    static func map<Value: Sendable>(
        count: Int, threads: Int, chunk: Int, _ body: @Sendable (Range<Int>) -> [Value]
    ) -> [Value] {
        let threads = min(threads, (count + chunk - 1) / chunk)
        guard threads > 1 else {
            return stride(from: 0, to: count, by: chunk).flatMap { body($0..<min(count, $0 + chunk)) }
        }
        let next = Atomic(0)
        let parts = Mutex<[Int: [Value]]>([:])
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let first = next.add(chunk, ordering: .relaxed).oldValue
                guard first < count else { return }
                let values = body(first..<min(count, first + chunk))
                parts.withLock { $0[first] = values }
            }
        }
        return parts.withLock { parts in
            stride(from: 0, to: count, by: chunk).flatMap { parts[$0] ?? [] }
        }
    }
}
