import Foundation
import RetrievalEvaluation

/// A seeded simulation of a query that waits for the slowest of its shards.
///
/// Queries come to a machine by chance (Poisson) and are served in their order, one core each; some requests are slow for reasons
/// outside of the query. A query's latency is the largest of the shards' times. With hedging, a shard that has not answered
/// within its own 95th percentile is asked again at a replica, and the first answer counts.
///
/// Source: Dean and Barroso, "The Tail at Scale", CACM 2013.
public struct ShardSimulation: Sendable {
    /// Milliseconds.
    public struct Latency: Sendable, Codable, Equatable {
        /// The median and the 99th percentile, stragglers included.
        public var p50: Double
        /// As above.
        public var p99: Double
        /// The same without stragglers.
        public var p50WithoutStragglers: Double
        /// As above.
        public var p99WithoutStragglers: Double
        /// The same with stragglers, when slow shards are asked again.
        public var p50Hedged: Double
        /// As above.
        public var p99Hedged: Double
        /// The share of requests that are asked again.
        public var hedgedShare: Double
    }

    let service: LogNormal
    let shards: Int
    let cores: Int
    let queriesPerSecond: Double
    let stragglers: Double
    let slowdown: Double

    /// - Complexity: O(`queries` log `cores` + queries × shards), where fewer queries are simulated for very many shards.
    func latency(queries: Int, seed: UInt64) -> Latency {
        var random = SplitMix(seed: seed)
        let plain = times(queries, stragglers: 0, &random)
        let slow = times(queries, stragglers: stragglers, &random)
        let count = max(1000, min(queries, 20_000_000 / max(1, shards)))
        let sorted = slow.sorted()
        let hedge = Percentile.nearestRank(0.95, of: sorted)
        var hedged = 0
        func slowest(_ times: [Double], hedges: Bool) -> [Double] {
            (0..<count).map { _ in
                var largest = 0.0
                for _ in 0..<shards {
                    var time = times[Int.random(in: 0..<times.count, using: &random)]
                    if hedges, time > hedge {
                        hedged += 1
                        time = min(time, hedge + times[Int.random(in: 0..<times.count, using: &random)])
                    }
                    largest = max(largest, time)
                }
                return largest * 1000
            }.sorted()
        }
        let (without, with, asked) = (
            slowest(plain, hedges: false), slowest(slow, hedges: false), slowest(slow, hedges: true)
        )
        func percentile(_ share: Double, _ values: [Double]) -> Double { Percentile.nearestRank(share, of: values) }
        return Latency(
            p50: percentile(0.5, with), p99: percentile(0.99, with), p50WithoutStragglers: percentile(0.5, without),
            p99WithoutStragglers: percentile(0.99, without), p50Hedged: percentile(0.5, asked),
            p99Hedged: percentile(0.99, asked), hedgedShare: Double(hedged) / Double(count * shards))
    }

    /// How long requests to one machine take, from their coming to their answer, in seconds.
    func times(_ queries: Int, stragglers: Double, _ random: inout SplitMix) -> [Double] {
        // When each core is free again.
        var free = [Double](repeating: 0, count: cores)
        var clock = 0.0
        var times: [Double] = []
        times.reserveCapacity(queries)
        for _ in 0..<queries {
            clock -= log(Double.random(in: Double.leastNonzeroMagnitude..<1, using: &random)) / queriesPerSecond
            var duration = service.draw(&random)
            if stragglers > 0, Double.random(in: 0..<1, using: &random) < stragglers { duration *= slowdown }
            guard let core = free.indices.min(by: { free[$0] < free[$1] }) else { break }
            let start = max(clock, free[core])
            free[core] = start + duration
            times.append(free[core] - clock)
        }
        return times
    }
}
