import Dispatch
import Synchronization

/// Independent pieces of work, shared out among threads.
///
///     let lengths = ParallelMap.map(count: texts.count, threads: 8, chunk: 64) { range in
///         texts[range].map(\.utf8.count)
///     }
public enum ParallelMap {
    /// Maps chunks of `0..<count`, taken by whichever thread is free.
    /// - Returns: The values of all chunks, in order.
    /// - Throws: The first error of any chunk; no further chunk is begun after it.
    public static func map<Value: Sendable, Failure: Error>(
        count: Int, threads: Int, chunk: Int, _ body: @Sendable (Range<Int>) throws(Failure) -> [Value]
    ) throws(Failure) -> [Value] {
        let chunk = max(1, chunk)
        let threads = min(threads, (count + chunk - 1) / chunk)
        guard threads > 1 else {
            var values: [Value] = []
            values.reserveCapacity(count)
            for first in stride(from: 0, to: count, by: chunk) { values += try body(first..<min(count, first + chunk)) }
            return values
        }
        let next = Atomic(0)
        let done = Mutex<(parts: [Int: [Value]], failure: Failure?)>(([:], nil))
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            while true {
                let first = next.add(chunk, ordering: .relaxed).oldValue
                guard first < count else { return }
                do throws(Failure) {
                    let values = try body(first..<min(count, first + chunk))
                    done.withLock { $0.parts[first] = values }
                } catch {
                    next.store(count, ordering: .relaxed)
                    done.withLock { $0.failure = $0.failure ?? error }
                    return
                }
            }
        }
        let (parts, failure) = done.withLock { $0 }
        if let failure { throw failure }
        return stride(from: 0, to: count, by: chunk).flatMap { parts[$0] ?? [] }
    }

    /// Two pieces of work at the same time.
    /// - Throws: The error of `first`, or else that of `second`; both are done by then.
    public static func both<First: Sendable, Second: Sendable, Failure: Error>(
        _ first: @Sendable () throws(Failure) -> First, _ second: @Sendable () throws(Failure) -> Second
    ) throws(Failure) -> (First, Second) {
        let results = Mutex<(first: Result<First, Failure>?, second: Result<Second, Failure>?)>((nil, nil))
        @Sendable func caught<Value>(_ work: () throws(Failure) -> Value) -> Result<Value, Failure> {
            do throws(Failure) { return .success(try work()) } catch { return .failure(error) }
        }
        forEach(count: 2, threads: 2) { index in
            if index == 0 {
                let result = caught(first)
                results.withLock { $0.first = result }
            } else {
                let result = caught(second)
                results.withLock { $0.second = result }
            }
        }
        let (one, other) = results.withLock { $0 }
        guard let one, let other else { preconditionFailure("a piece of work was left out") }
        return (try one.get(), try other.get())
    }

    /// Calls `body` with each of `0..<count`, on as many threads.
    public static func forEach(count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
        guard min(count, threads) > 1 else {
            for index in 0..<count { body(index) }
            return
        }
        let next = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: min(count, threads)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                body(index)
            }
        }
    }
}
