import Dispatch
import Foundation

/// Work on all cores. Evaluation stands below the rest of Apus, so it has a small loop of its own.
enum Concurrent {
    /// The values for each element, in their order; elements go to cores in groups.
    static func map<Element: Sendable, Value: Sendable>(
        _ elements: [Element], group: Int = 32, _ transform: @Sendable (Element) -> Value
    ) -> [Value] {
        let groups = (elements.count + group - 1) / group
        guard groups > 1 else { return elements.map(transform) }
        let results = Results<Value>(groups)
        DispatchQueue.concurrentPerform(iterations: groups) { index in
            let start = index * group
            results.put(elements[start..<min(start + group, elements.count)].map(transform), at: index)
        }
        return results.all
    }

    /// What the groups gave. Safe: every access holds the lock.
    private final class Results<Value: Sendable>: @unchecked Sendable {
        private let lock = NSLock()
        private var groups: [[Value]]

        init(_ count: Int) { groups = Array(repeating: [], count: count) }
        func put(_ values: [Value], at index: Int) { lock.withLock { groups[index] = values } }
        var all: [Value] { lock.withLock { groups.flatMap { $0 } } }
    }
}
