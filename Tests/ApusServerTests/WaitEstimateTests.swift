import Testing

@testable import ApusServer

/// A burst waits its time, and what is more than can be done is told at once.
@Suite struct WaitEstimateTests {
    @Test func aBurstIsTakenAndOverloadIsNot() {
        let estimate = WaitEstimate(longest: .milliseconds(100), threads: 2)
        let start = ContinuousClock.now
        #expect(!estimate.isTooLong(behind: 1000, now: start), "nothing is known yet")
        estimate.took(0.32, pieces: 32)  // 10 ms each
        #expect(!estimate.isTooLong(behind: 20, now: start))
        #expect(estimate.isTooLong(behind: 21, now: start))
        // Now only 5 ms are left, until nothing was refused for three.
        #expect(estimate.isTooLong(behind: 2, now: start + .milliseconds(2900)))
        #expect(!estimate.isTooLong(behind: 1, now: start + .milliseconds(3000)))
        #expect(!estimate.isTooLong(behind: 0, now: start + .milliseconds(3000)))
        #expect(!estimate.isTooLong(behind: 20, now: start + .milliseconds(5901)))
    }

    @Test func queuesThatShareTheCoresShareTheOverload() {
        let (overload, start) = (WaitEstimate.Overload(), ContinuousClock.now)
        let estimates = [1, 2].map { WaitEstimate(longest: .milliseconds(100), threads: $0, overload) }
        for estimate in estimates { estimate.took(0.32, pieces: 32) }
        #expect(!estimates[0].isTooLong(behind: 5, now: start))
        #expect(estimates[1].isTooLong(behind: 30, now: start))
        #expect(estimates[0].isTooLong(behind: 5, now: start))
    }

    @Test func whatTookLongIsForgotten() {
        let estimate = WaitEstimate(longest: .milliseconds(100), threads: 1)
        estimate.took(1000, pieces: 32)
        for _ in 0..<1000 { estimate.took(0.001) }
        #expect(!estimate.isTooLong(behind: 90))
        #expect(estimate.isTooLong(behind: 120))
    }
}
