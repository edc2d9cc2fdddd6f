import ParallelWork
import Synchronization
import Testing

@Suite struct ParallelWorkTests {
    private enum Fault: Error, Equatable { case at(Int) }

    @Test(arguments: [1, 2, 3, 8], [1, 7, 64, 1000])
    func aMapKeepsTheOrder(threads: Int, chunk: Int) {
        for count in [0, 1, 6, 7, 8, 500] {
            let found = ParallelMap.map(count: count, threads: threads, chunk: chunk) { $0.map { $0 * $0 } }
            #expect(found == (0..<count).map { $0 * $0 }, "\(count)")
        }
    }

    @Test(arguments: [1, 4])
    func anErrorEndsTheMapAndIsThrown(threads: Int) {
        let begun = Atomic(0)
        #expect(throws: Fault.at(5)) {
            try ParallelMap.map(count: 100_000, threads: threads, chunk: 1) { range throws(Fault) -> [Int] in
                begun.add(1, ordering: .relaxed)
                if range.lowerBound == 5 { throw Fault.at(5) }
                return [range.lowerBound]
            }
        }
        let count = begun.load(ordering: .relaxed)
        #expect(count < 100_000)
    }

    @Test(arguments: [1, 2, 5])
    func eachIndexIsVisitedOnce(threads: Int) {
        let visits = Mutex([Int](repeating: 0, count: 300))
        ParallelMap.forEach(count: 300, threads: threads) { index in visits.withLock { $0[index] += 1 } }
        let counts = visits.withLock { $0 }
        #expect(counts == [Int](repeating: 1, count: 300))
        ParallelMap.forEach(count: 0, threads: threads) { _ in Issue.record("nothing is to be visited") }
    }

    /// Both are done whatever happens, and the first one's error goes before the other's.
    @Test func twoPiecesAreDoneAtOnce() throws {
        let (number, text) = ParallelMap.both({ 3 }, { "three" })
        #expect(number == 3 && text == "three")
        let done = Atomic(0)
        func piece(_ number: Int, fails: Bool) -> @Sendable () throws(Fault) -> Int {
            { () throws(Fault) in
                done.add(1, ordering: .relaxed)
                if fails { throw Fault.at(number) }
                return number
            }
        }
        for (first, second) in [(true, false), (false, true), (true, true)] {
            #expect(throws: Fault.at(first ? 1 : 2)) {
                _ = try ParallelMap.both(piece(1, fails: first), piece(2, fails: second))
            }
        }
        let count = done.load(ordering: .relaxed)
        #expect(count == 6)
    }

    /// Two threads never hold one object, and what is given back is used again.
    @Test func aPoolMakesNoMoreThanAreUsedAtOnce() {
        final class Box { var isTaken = false }
        let made = Atomic(0)
        let pool = ObjectPool<Box> {
            made.add(1, ordering: .relaxed)
            return Box()
        }
        let wasShared = Atomic(false)
        ParallelMap.forEach(count: 2000, threads: 4) { _ in
            pool.withObject { box in
                if box.isTaken { wasShared.store(true, ordering: .relaxed) }
                box.isTaken = true
                box.isTaken = false
            }
        }
        let (shared, count) = (wasShared.load(ordering: .relaxed), made.load(ordering: .relaxed))
        #expect(!shared)
        #expect((1...4).contains(count))
    }
}
