import Foundation

/// CPU time of the calling thread: other work on the machine does not count.
public enum ThreadClock {
    /// Milliseconds that this thread has computed so far.
    public static var milliseconds: Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    /// Milliseconds that `body` computed in this thread.
    public static func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = milliseconds
        try body()
        return milliseconds - start
    }
}

/// Times of many queries, in milliseconds.
public struct Latencies: Sendable {
    private var times: [Double] = []
    private var isSorted = true

    /// No times.
    public init() {}

    /// How many.
    public var count: Int { times.count }

    /// Adds a time.
    public mutating func add(_ milliseconds: Double) {
        times.append(milliseconds)
        isSorted = false
    }

    /// 0 without times.
    public var mean: Double { times.isEmpty ? 0 : times.reduce(0, +) / Double(times.count) }

    /// The time that `share` (0…1) of the queries stay under; 0 without times.
    public mutating func percentile(_ share: Double) -> Double {
        if !isSorted { times.sort() }
        isSorted = true
        return times.isEmpty ? 0 : times[min(times.count - 1, Int(share * Double(times.count)))]
    }
}
