import Foundation
import RetrievalEvaluation
import Testing

@testable import Apus

/// Plans against their formulas, and the simulation against what is known of it without simulating.
@Suite struct CapacityPlanTests {
    /// erfc and exp say the same of the distribution as its draws.
    @Test func drawsFollowTheDistribution() {
        let times = LogNormal(median: 0.02, tail: 3)
        var random = SplitMix(seed: 1)
        let drawn = (0..<20_000).map { _ in times.draw(&random) }.sorted()
        for share in [0.1, 0.5, 0.9, 0.99] {
            let found = Percentile.nearestRank(share, of: drawn)
            #expect(abs(found / times.quantile(share) - 1) < 0.05, "\(share)")
            #expect(abs(times.share(upTo: times.quantile(share)) - share) < 1e-9)
        }
        #expect(abs(times.quantile(0.99) / 0.06 - 1) < 1e-6)
        #expect(abs(drawn.reduce(0, +) / 20_000 / times.mean - 1) < 0.03)
    }

    /// Without waiting, the slowest of n is within t with the share F(t)ⁿ; asked again after h, F becomes 1 − (1 − F(t))(1 − F(t − h)).
    @Test(arguments: [1, 10, 40]) func theSlowestShardIsThatOfTheFormula(shards: Int) {
        let service = LogNormal(median: 0.01, tail: 3)
        // So few queries that none waits.
        let simulation = ShardSimulation(
            service: service, shards: shards, cores: 16, queriesPerSecond: 0.01, stragglers: 0.02, slowdown: 10)
        let found = simulation.latency(queries: 20_000, seed: 3)
        func straggling(_ t: Double) -> Double {
            0.98 * service.share(upTo: t) + 0.02 * service.share(upTo: t / 10)
        }
        func quantile(_ share: Double, _ distribution: (Double) -> Double) -> Double {
            var (low, high) = (0.0, 100.0)
            for _ in 0..<200 {
                let middle = (low + high) / 2
                if distribution(middle) < share { low = middle } else { high = middle }
            }
            return high
        }
        let hedge = quantile(0.95, straggling)
        func hedged(_ t: Double) -> Double {
            t <= hedge ? straggling(t) : 1 - (1 - straggling(t)) * (1 - straggling(t - hedge))
        }
        let n = Double(shards)
        for (value, share, distribution) in [
            (found.p50WithoutStragglers, 0.5, service.share), (found.p99WithoutStragglers, 0.99, service.share),
            (found.p50, 0.5, straggling), (found.p99, 0.99, straggling), (found.p50Hedged, 0.5, hedged),
            (found.p99Hedged, 0.99, hedged),
        ] as [(Double, Double, (Double) -> Double)] {
            let expected = quantile(pow(share, 1 / n), distribution) * 1000
            // Of the 99th percentile of 40 shards a four-thousandth of the 20,000 drawn times decides.
            #expect(
                abs(value / expected - 1) < (share > 0.9 ? 0.3 : 0.2), "\(share) of \(shards): \(value), \(expected)")
        }
        #expect(abs(found.hedgedShare - 0.05) < 0.01)
        #expect(found == simulation.latency(queries: 20_000, seed: 3))
    }

    /// M/M/1: the mean time of a queue is service / (1 − load); here services are log-normal, whose wait Pollaczek and Khinchine give.
    @Test func queriesWaitAsQueueingSays() {
        let service = LogNormal(median: 0.01, tail: 3)
        let load = 0.6
        let simulation = ShardSimulation(
            service: service, shards: 1, cores: 1, queriesPerSecond: load / service.mean, stragglers: 0, slowdown: 1)
        var random = SplitMix(seed: 5)
        let times = simulation.times(400_000, stragglers: 0, &random)
        let square = service.median * service.median * exp(2 * service.sigma * service.sigma)
        let wait = load / service.mean * square / (2 * (1 - load))
        let mean = times.reduce(0, +) / Double(times.count)
        #expect(abs(mean / (service.mean + wait) - 1) < 0.1)
    }

    @Test func plansFollowTheirFormulas() {
        var request = CapacityRequest(documents: 10e9)
        request.queriesPerSecond = 1000
        let plan = CapacityPlan(request, queries: 500)
        let constants = PlanConstants.measured
        let bytes =
            120 * constants.bytesPerLearnedPosting + 50 * constants.distinctWords * constants.bytesPerWordPosting
            + constants.bytesPerDocument
        #expect(abs(plan.searchedBytesPerShard - plan.documentsPerShard * bytes) < 1)
        #expect(plan.searchedBytesPerShard <= 0.8 * request.memory)
        #expect(plan.machines == plan.shards * plan.replicas && plan.busy <= request.utilisation)
        #expect(Double(plan.shards) * plan.documentsPerShard >= request.documents * 0.999_999)
        #expect(abs(plan.encodeCoreHours - 10e9 * 128 / constants.tokensPerCoreSecond / 3600) < 1)
        #expect(plan.latency.p99 >= plan.latency.p99WithoutStragglers && plan.latency.p99 >= plan.shardP99)
        // Twice the queries never take fewer machines, a tenth of the documents never more.
        request.queriesPerSecond = 2000
        #expect(CapacityPlan(request, queries: 500).machines >= plan.machines)
        request.queriesPerSecond = 1000
        request.documents = 1e9
        #expect(CapacityPlan(request, queries: 500).machines <= plan.machines)
    }

    /// What `Scripts/benchmarks/plan-constants` measured on the same day; the million of 120 terms was no part of the constants.
    @Test(arguments: [
        (100_000.0, 120.0, 0.116, 41.9), (1_000_000, 120, 0.617, 496.8), (8_000_000, 120, 3.95, 3877.6),
        (1_000_000, 29.05, 0.433 * 43 / 38.8, 141.7),
    ])
    func predictionsAreNearWhatWasMeasured(documents: Double, terms: Double, milliseconds: Double, megabytes: Double) {
        var request = CapacityRequest(documents: documents)
        (request.terms, request.words, request.textBytes) = (terms, 0, 0)
        let service = CapacityPlan.service(documents: documents, request, .measured)
        #expect(abs(service.mean * 1000 / milliseconds - 1) < (documents == 1_000_000 && terms == 120 ? 0.12 : 0.05))
        let bytes = documents * CapacityPlan.searchedBytes(request, .measured) / 1e6
        // Small indexes have no maxima of ranges.
        #expect(abs(bytes / megabytes - 1) < (documents < 400_000 ? 0.3 : 0.1))
    }

    /// Words alone have constants of their own: what was measured with 80,000 and 318,910 documents.
    @Test(arguments: [(80_000.0, 0.068), (318_910, 0.163)])
    func wordsAloneArePlannedAsBM25(documents: Double, milliseconds: Double) {
        var request = CapacityRequest(documents: documents)
        (request.terms, request.queryWords) = (0, 8.7)
        let service = CapacityPlan.service(documents: documents, request, .measured)
        #expect(abs(service.mean * 1000 / milliseconds - 1) < 0.05)
        let plan = CapacityPlan(request, queries: 500)
        #expect(plan.encodeCoreHours == 0 && plan.machines == 1)
    }

    @Test func oneMachineIsEnoughForLittle() {
        let plan = CapacityPlan(CapacityRequest(documents: 1000))
        #expect(plan.machines == 1 && plan.shards == 1 && plan.replicas == 1 && plan.busy < 0.5)
    }
}
