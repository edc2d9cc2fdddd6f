import Apus
import ApusTestSupport
import Testing

@Suite struct FusionTests {
    private let bm25: [(id: String, score: Double)] = [("a", 9), ("b", 5), ("c", 1)]
    private let learned: [(id: String, score: Double)] = [("c", 30), ("a", 20), ("d", 10)]

    @Test func reciprocalRanksAddUp() {
        let hits = Fusion.reciprocalRank(k: 60).fuse(bm25: bm25, learned: learned, k: 10)
        #expect(hits.map(\.id) == ["a", "c", "b", "d"])
        #expect(abs(hits[0].score - (1.0 / 61 + 1.0 / 62)) < 1e-15)
        #expect(hits[0].bm25 == Placement(rank: 1, score: 9))
        #expect(hits[0].learned == Placement(rank: 2, score: 20))
        #expect(hits[3].bm25 == nil)
    }

    @Test func minMaxScalesEachListToOne() {
        let hits = Fusion.minMax(weight: 0.5).fuse(bm25: bm25, learned: learned, k: 10)
        #expect(hits.map(\.id) == ["a", "c", "b", "d"])
        #expect(hits.map(\.score) == [0.75, 0.5, 0.25, 0])
    }

    @Test func tiesBreakByIdDescending() {
        let hits = Fusion.reciprocalRank(k: 60).fuse(bm25: [("x", 1)], learned: [("y", 1)], k: 2)
        #expect(hits.map(\.id) == ["y", "x"])
    }

    @Test func equalScoresCountAsOne() {
        let hits = Fusion.minMax(weight: 0.25).fuse(bm25: [("x", 3), ("y", 3)], learned: [], k: 9)
        #expect(hits.map(\.score) == [0.75, 0.75])
        #expect(hits.map(\.id) == ["y", "x"])
    }

    @Test func emptyListsGiveNothing() {
        #expect(Fusion.minMax(weight: 0.5).fuse(bm25: [], learned: [], k: 5).isEmpty)
    }

    /// The twin: look every document up in both lists by linear search.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func equalsTheObviousSum(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func list() -> [(id: String, score: Double)] {
            let ids = (0..<30).shuffled(using: &random).prefix(Int.random(in: 0...20, using: &random))
            return ids.map { ("d\($0)", Double(Int.random(in: 1...9, using: &random))) }.sorted { $0.score > $1.score }
        }
        let (one, two) = (list(), list())
        var expected: [(id: String, score: Double)] = []
        for id in Set(one.map(\.id) + two.map(\.id)) {
            var score = 0.0
            for (rank, entry) in one.enumerated() where entry.id == id { score += 1 / (61 + Double(rank)) }
            for (rank, entry) in two.enumerated() where entry.id == id { score += 1 / (61 + Double(rank)) }
            expected.append((id, score))
        }
        expected.sort {
            $0.score != $1.score ? $0.score > $1.score : $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) == false
        }
        let found = Fusion.reciprocalRank(k: 60).fuse(bm25: one, learned: two, k: 1000)
        #expect(found.map(\.id) == expected.map(\.id))
    }

    /// A few of many are found without putting all in order.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func theBestAreTheFirstOfAll(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        func list() -> [(id: String, score: Double)] {
            // Few scores, so that ties are common; one that is no number now and then.
            (0..<200).map { number in
                let score = Double(Int.random(in: 0..<(seed % 2 == 0 ? 12 : 100_000), using: &random))
                return ("d\(number * Int(seed + 1) % 251)", seed == 7 && number == 3 ? .nan : score)
            }
        }
        let (words, learned) = (list(), list())
        let all = Fusion.minMax(weight: 0.6).fuse(bm25: words, learned: learned, k: .max)
        for k in [0, 1, 2, 10, 49, 50, 200] where seed != 7 {
            let best = Fusion.minMax(weight: 0.6).fuse(bm25: words, learned: learned, k: k)
            #expect(best.map(\.id) == all.prefix(k).map(\.id) && best.map(\.score) == all.prefix(k).map(\.score))
        }
        #expect(Fusion.minMax(weight: 0.6).fuse(bm25: words, learned: learned, k: 10).count == 10)
    }
}
