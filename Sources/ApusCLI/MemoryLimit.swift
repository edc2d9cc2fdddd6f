import Apus
import CMalloc
import Foundation
import Synchronization

/// What a limit on the address space (`ulimit -v`) is met with: one sentence and exit code 1, whatever the verb was doing.
///
/// Memory that runs out in the middle of the standard library ends in a trap, and where not even a thread can be made, the
/// thread pool waits for ever. So the least is asked for first, a trap says what it most likely means, and a process that stands
/// still without room for a thread ends. What was committed stays; what was not, the next writer removes.
enum MemoryLimit {
    private static let sentence: StaticString =
        "apus: Broke off under the limit on memory ('ulimit -v'), most likely because it was reached. Raise it and try again.\n"
    /// A thread's stack and what comes with it.
    private static let stack = 9 << 20
    private static let usedBefore = Atomic<Int>(0)
    private static let stills = Atomic<Int>(0)

    /// Does nothing where there is no limit.
    /// - Throws: `ApusError.outOfMemory` when no verb can work with what is left.
    static func prepare() throws {
        guard AddressSpace.left != nil else { return }
        // Each thread would reserve an arena of 64 MB.
        mallopt(M_ARENA_MAX, 1)
        try AddressSpace.require(AddressSpace.running)
        var trap = sigaction()
        // Only system calls inside the handlers.
        unsafe trap.__sigaction_handler.sa_handler = { _ in MemoryLimit.end() }
        for number in [SIGSEGV, SIGBUS, SIGABRT, SIGILL, SIGTRAP] { unsafe sigaction(number, &trap, nil) }
        var tick = sigaction()
        unsafe tick.__sigaction_handler.sa_handler = { _ in MemoryLimit.look() }
        tick.sa_flags = SA_RESTART
        unsafe sigaction(SIGALRM, &tick, nil)
        var timer = itimerval(
            it_interval: timeval(tv_sec: 1, tv_usec: 0), it_value: timeval(tv_sec: 1, tv_usec: 0))
        unsafe setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
    }

    private static func end() -> Never {
        unsafe write(2, sentence.utf8Start, sentence.utf8CodeUnitCount)
        _exit(1)
    }

    /// Ends a process that has stood still for three seconds and has no room for a thread.
    private static func look() {
        var used = timespec()
        unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used)
        let now = used.tv_sec * 1000 + used.tv_nsec / 1_000_000
        let isStill = now - usedBefore.exchange(now, ordering: .relaxed) < 20
        let room = unsafe mmap(nil, stack, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        if unsafe room != MAP_FAILED {
            unsafe munmap(room, stack)
            return stills.store(0, ordering: .relaxed)
        }
        guard isStill else { return stills.store(0, ordering: .relaxed) }
        if stills.add(1, ordering: .relaxed).newValue >= 3 { end() }
    }
}
