import Testing

@testable import ApusServer

/// What waits is handed out in order and once, and no more than there is room for.
@Suite struct BoundedQueueTests {
    @Test func whatGoesTogetherIsTakenTogether() {
        let queue = BoundedQueue<Int>(limit: 5)
        #expect([1, 1, 1, 2, 1, 9].map { queue.offer($0) } == [true, true, true, true, true, false])
        #expect(queue.take(2, ==) == [1, 1])
        #expect(queue.take(9, ==) == [1])
        #expect(queue.take(9, ==) == [2])
        #expect(queue.count == 1)
        queue.close()
        #expect(!queue.offer(3))
        #expect(queue.take() == [1])
        #expect(queue.take() == nil)
        #expect(queue.take() == nil)
    }

    @Test func everyPieceOfAPoolRunsOrIsRefused() async throws {
        let pool = WorkerPool(threads: 3, waiting: 4)
        let ran = await withTaskGroup(of: Bool?.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        return try await pool.run { number * 2 }.value == number * 2
                    } catch {
                        return (error as? ServerError)?.retryAfter == 1 ? nil : false
                    }
                }
            }
            return await group.reduce(into: [Bool]()) { ran, one in if let one { ran.append(one) } }
        }
        #expect(!ran.isEmpty && ran.allSatisfy { $0 })
        pool.close()
    }
}
