import Testing

@testable import Apus

/// numpy.percentile(…, method="inverted_cdf"), the nearest rank.
@Suite struct PercentileTests {
    @Test func theNearestRankIsTakenAndNothingTraps() {
        let values = [1.0, 2, 3, 4]
        for (share, value) in [
            (0.0, 1.0), (0.25, 1), (0.2501, 2), (0.5, 2), (0.75, 3), (0.99, 4), (1, 4), (-1, 1), (7, 4), (.infinity, 4),
            (-.infinity, 1), (.nan, 1), (.leastNonzeroMagnitude, 1),
        ] {
            #expect(Percentile.nearestRank(share, of: values) == value, "\(share)")
            #expect(Percentile.nearestRank(share, of: [9]) == 9)
            #expect(Percentile.nearestRank(share, of: []) == 0)
        }
    }

    @Test func latenciesAndAnswersUseTheSame() {
        var latencies = Latencies()
        for time in [3.0, 1, 4, 2] { latencies.add(time) }
        #expect([0, 0.5, 0.99].map { latencies.percentile($0) } == [1, 2, 4])
        let batch = BatchAnswer(answers: [], latencies: [0.003, 0.001, 0.004, 0.002], seconds: 1)
        #expect([0, 0.5, 0.99].map { (batch.milliseconds(atPercentile: $0) * 1000).rounded() } == [1000, 2000, 4000])
        #expect(BatchAnswer(answers: [], latencies: [], seconds: 0).milliseconds(atPercentile: 0) == 0)
    }
}
