import ApusTestSupport
import InvertedIndex
import Testing

/// What a certificate claims is true of exhaustive scoring.
@Suite struct CertificateTests {
    /// The certificate's claims, or nil when they hold.
    private func problem(_ result: SearchResult, _ all: [Hit], k: Int) -> String? {
        let certificate = result.certificate
        let best = Array(all.prefix(k))
        if certificate.isExact, result.hits != best { return "not the exact best" }
        if Array(result.hits.prefix(certificate.exactHits)) != Array(all.prefix(certificate.exactHits)) {
            return "the first \(certificate.exactHits) are not exact"
        }
        if result.hits.count == min(k, all.count), certificate.threshold > result.hits.last?.rawScore ?? 0 {
            return "a threshold above the last hit"
        }
        guard let bound = certificate.unscoredBound else { return result.hits == best ? nil : "everything was scored" }
        // A document above the bound was scored, so it is a hit or lost to k better ones.
        let found = Set(result.hits.map(\.id))
        let last = result.hits.count == k ? result.hits.last?.rawScore ?? 0 : 0
        for hit in all where hit.rawScore > max(bound, last) && !found.contains(hit.id) {
            return "\(hit.id) scores \(hit.rawScore), above \(bound)"
        }
        return nil
    }

    @Test(arguments: 0..<8)
    func noDocumentLeftOutScoresAboveTheBound(number: Int) async throws {
        var random = SplitMix64(seed: UInt64(500 + number))
        let documents = Int.random(in: 1...900, using: &random)
        let index = try await RandomIndex(
            seed: UInt64(700 + number), documents: documents, terms: Int.random(in: 3...60, using: &random),
            segments: Int.random(in: 1...4, using: &random), merged: number % 3 == 0)
        let snapshot = index.snapshot
        var (proved, cut) = (0, 0)
        for round in 0..<45 {
            let text = index.query(.text, &random)
            let learned = index.query(.learned, &random)
            let fused = FusedQuery(text: text, learned: learned, weight: 0.4)
            func search(_ k: Int, _ traversal: Traversal, _ limits: SearchLimits) throws -> SearchResult {
                switch round % 3 {
                case 0: try snapshot.search(learned, k: k, traversal: traversal, limits: limits)
                case 1: try snapshot.search(text, k: k, traversal: traversal, limits: limits)
                default: try snapshot.search(fused, k: k, traversal: traversal, limits: limits)
                }
            }
            let all = try search(documents + 1, .exhaustive, SearchLimits()).hits
            let scores = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0.rawScore) })
            for k in [1, 3, 10, 100, documents + 1] {
                let traversal = try #require(Traversal.allCases.randomElement(using: &random))
                let exact = try search(k, traversal, SearchLimits())
                #expect(exact.certificate.mode == .exact && exact.certificate.isExact, "\(traversal) k \(k)")
                if let problem = problem(exact, all, k: k) { Issue.record("\(problem): \(traversal) k \(k)") }

                let budget = Int.random(in: 0...(documents / 32 + 2), using: &random)
                let terms = Bool.random(using: &random) ? Int.random(in: 1...9, using: &random) : nil
                let limited = try search(k, .automatic, SearchLimits(ranges: budget, boundTerms: terms))
                #expect(limited.counters.rangesScored <= budget)
                #expect(limited.certificate.mode == .approximate && limited.certificate.traversal == .range)
                if let problem = problem(limited, all, k: k) {
                    Issue.record("\(problem): budget \(budget) of \(terms ?? 99) terms k \(k)")
                }
                if limited.counters.rangesCut == 0, !limited.certificate.isExact {
                    Issue.record("nothing was cut, and yet nothing is proved: k \(k)")
                }
                if limited.counters.rangesCut > 0 { cut += 1 } else { proved += 1 }
                if !limited.hits.allSatisfy({ scores[$0.id] == $0.rawScore }) { Issue.record("a wrong score") }
            }
        }
        #expect(documents < 300 || (proved > 0 && cut > 0), "both kinds occur")
    }

    /// A budget takes the ranges with the best bounds; one that suffices for all of them changes nothing.
    @Test(arguments: [1, 3])
    func moreBudgetNeverProvesLess(segments: Int) async throws {
        let index = try await RandomIndex(seed: 90, documents: 1200, terms: 50, segments: segments)
        var random = SplitMix64(seed: 12)
        for _ in 0..<25 {
            let query = index.query(.learned, &random)
            let exact = try index.snapshot.search(query, k: 10).hits
            var last: Certificate?
            for budget in [0, 1, 2, 4, 8, 16, 32, 64, 128, 1 << 40] {
                let result = try index.snapshot.search(query, k: 10, limits: SearchLimits(ranges: budget))
                let bound = result.certificate.unscoredBound ?? 0
                if let last {
                    #expect(bound <= last.unscoredBound ?? 0)
                    #expect(result.certificate.exactHits >= last.exactHits)
                    #expect(result.certificate.isExact || !last.isExact)
                }
                last = result.certificate
                if budget == 1 << 40 { #expect(result.hits == exact && result.certificate.isExact) }
            }
        }
    }

    @Test func aDeadlineOfNoTimeIsAnsweredAndMarked() async throws {
        let index = try await RandomIndex(seed: 91, documents: 500, terms: 40, segments: 3)
        var random = SplitMix64(seed: 13)
        for field in Field.allCases {
            for _ in 0..<20 {
                let query = index.query(field, &random)
                let all = try index.snapshot.search(query, k: 10, traversal: .exhaustive).hits
                let now = ContinuousClock.now
                let none = try index.snapshot.search(query, k: 10, limits: SearchLimits(deadline: now))
                #expect(none.hits.isEmpty)
                #expect(none.certificate.isExact == all.isEmpty)
                let late = SearchLimits(deadline: now.advanced(by: .seconds(3600)))
                let whole = try index.snapshot.search(query, k: 10, limits: late)
                #expect(whole.hits == all && whole.certificate.isExact && whole.counters.rangesCut == 0)
                let short = SearchLimits(deadline: ContinuousClock.now.advanced(by: .microseconds(15)))
                let some = try index.snapshot.search(query, k: 10, limits: short)
                if let problem = problem(some, all, k: 10) { Issue.record("\(problem)") }
            }
        }
    }

    @Test func exhaustiveScoringLeavesNothingOut() async throws {
        let index = try await RandomIndex(seed: 92, documents: 300, terms: 20, segments: 2)
        var random = SplitMix64(seed: 14)
        let result = try index.snapshot.search(index.query(.learned, &random), k: 5, traversal: .exhaustive)
        #expect(result.certificate.unscoredBound == nil)
        #expect(result.certificate.exactHits == 5)
    }
}
