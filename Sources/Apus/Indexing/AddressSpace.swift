import Foundation

/// What a limit on the process's address space (`ulimit -v`) leaves. Memory that runs out in the middle can only be trapped on,
/// and without room for a thread nothing goes on at all; so it is asked for before.
package enum AddressSpace {
    /// The stacks of a few threads, and what a small index takes.
    package static let running = 48 << 20
    /// Two threads with their stacks and pools, a batch of texts, SQLite.
    static let building = 64 << 20
    /// Weights, packed weights and activations beside that.
    static let encoding = 64 << 20

    /// Bytes that can still be mapped; nil without a limit.
    package static var left: Int? {
        var limit = rlimit()
        // Safe: the limit outlives the call.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < UInt(1) << 46
        else { return nil }
        let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").first
        guard let used = pages.flatMap({ Int($0) }) else { return nil }
        return max(0, Int(limit.rlim_cur) - used * sysconf(Int32(_SC_PAGESIZE)))
    }

    /// - Throws: ``ApusError/outOfMemory(needed:left:)`` when a limit leaves less.
    package static func require(_ bytes: Int) throws {
        guard let left, left < bytes else { return }
        throw ApusError.outOfMemory(needed: bytes, left: left)
    }

    /// What a build may take of the memory that it wants.
    static func budget(_ wanted: Int) -> Int {
        left.map { min(wanted, max(10 << 20, ($0 - building) / 8 * 5)) } ?? wanted
    }
}
