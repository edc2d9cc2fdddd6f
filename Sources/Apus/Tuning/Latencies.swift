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

    /// The time that `share` (0…1) of the queries stay within; 0 without times.
    public mutating func percentile(_ share: Double) -> Double {
        if !isSorted { times.sort() }
        isSorted = true
        return Percentile.nearestRank(share, of: times)
    }
}

/// Percentiles, in one way everywhere.
public enum Percentile {
    /// The smallest value that at least `share` (0…1) of the values do not exceed: the nearest-rank definition. A share of 0 or less gives
    /// the smallest value, 1 or more the largest; without values it is 0.
    /// - Parameters:
    ///   - share: 0…1.
    ///   - sorted: Ascending.
    public static func nearestRank(_ share: Double, of sorted: [Double]) -> Double {
        guard let first = sorted.first else { return 0 }
        let rank = (share * Double(sorted.count)).rounded(.up)
        guard rank > 1 else { return first }
        return rank < Double(sorted.count) ? sorted[Int(rank) - 1] : sorted[sorted.count - 1]
    }
}
