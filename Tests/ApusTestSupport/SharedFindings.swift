import Foundation
import Synchronization

/// What tasks that run at once found, and whether they are to end.
public final class SharedFindings: Sendable {
    private let done = Atomic(false)
    private let problems = Mutex<[String]>([])

    /// How many times as long tests of things that happen at once run; `APUS_CONCURRENT_ROUNDS`, else 1.
    public static let rounds = ProcessInfo.processInfo.environment["APUS_CONCURRENT_ROUNDS"].flatMap(Int.init) ?? 1

    /// None.
    public init() {}

    /// Whether ``end()`` was called.
    public var isDone: Bool { done.load(ordering: .acquiring) }
    /// The problems so far.
    public var found: [String] { problems.withLock { $0 } }
    /// Asks all tasks to end.
    public func end() { done.store(true, ordering: .releasing) }
    /// Adds a problem.
    public func add(_ problem: String) { problems.withLock { $0.append(problem) } }
}
