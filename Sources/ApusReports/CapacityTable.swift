package import Apus
import Foundation

/// What a plan says, a row for each number.
package enum CapacityTable {
    /// The table.
    package static func text(_ plan: CapacityPlan) -> String {
        var table = TextTable(["documents", Format.count(Int(plan.request.documents))])
        let rate = plan.request.queriesPerSecond.formatted(.number.precision(.significantDigits(1...4)))
        table.add(["queries per second", rate])
        table.add([
            "machines",
            "\(Format.count(plan.machines)): \(Format.count(plan.shards, "shard")) × \(Format.count(plan.replicas, "replica"))",
        ])
        table.add(["documents per shard", Format.count(Int(plan.documentsPerShard.rounded()))])
        table.add(["memory per machine, searched", bytes(plan.searchedBytesPerShard)])
        table.add(["disk per machine, with room for a merge", bytes(plan.diskBytesPerShard)])
        table.add(["index, one copy", bytes(plan.indexBytes)])
        table.add(["", ""])
        table.add([
            "encoding",
            "\(hours(plan.encodeCoreHours)) of one core, \(hours(plan.encodeHours)) on all of these",
        ])
        table.add(["indexing beside it", "\(hours(plan.indexCoreHours)) of one core"])
        table.add(["", ""])
        table.add(["one shard, p50 / p99", milliseconds(plan.shardP50, plan.shardP99)])
        table.add(["cores busy", Format.decimals(plan.busy * 100, 0) + " %"])
        let latency = plan.latency
        table.add([
            "slowest of \(Format.count(plan.shards, "shard")), p50 / p99",
            milliseconds(latency.p50WithoutStragglers, latency.p99WithoutStragglers),
        ])
        let share = Format.decimals(plan.request.stragglers * 100, 1)
        table.add([
            "  with \(share) % of requests \(Format.decimals(plan.request.slowdown, 0)) times slower",
            milliseconds(latency.p50, latency.p99),
        ])
        table.add([
            "  and slow ones asked again (\(Format.decimals(latency.hedgedShare * 100, 1)) %)",
            milliseconds(latency.p50Hedged, latency.p99Hedged),
        ])
        table.add([
            "network",
            "\(bytes(plan.networkBytesPerQuery)) per query, \(Format.decimals(plan.networkMegabits, 1)) Mbit/s",
        ])
        table.add(["", ""])
        table.add(["measured", "\(plan.constants.date), \(plan.constants.machine)"])
        return table.text
    }

    private static func bytes(_ value: Double) -> String {
        value < 1e15 ? Format.bytes(Int(value)) : Format.decimals(value / 1e15, 1) + " PB"
    }

    private static func hours(_ value: Double) -> String {
        value < 100 ? Format.decimals(value, 1) + " hours" : Format.count(Int(value.rounded())) + " hours"
    }

    private static func milliseconds(_ a: Double, _ b: Double) -> String {
        "\(Format.decimals(a, 1)) / \(Format.decimals(b, 1)) ms"
    }
}
