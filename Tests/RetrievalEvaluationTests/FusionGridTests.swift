import ApusTestSupport
import ByteStrings
import RetrievalEvaluation
import Testing

/// A grid says of each point what fusing and measuring one by one says of it: digit for digit.
@Suite struct FusionGridTests {
    static let normalizations: [ScoreNormalization] = [
        .minMaxOrOne, .minMax, .theoreticalMinMax(floor: 0), .zScore, .distribution, .sum, .none,
    ]

    /// Few distinct scores, so that ties are common; best first.
    private func list(_ random: inout SplitMix64, _ size: Int) -> [ScoredDocument] {
        let ids = (0..<60).shuffled(using: &random).prefix(size)
        let scores = ids.map { _ in Double(Int.random(in: 1...8, using: &random)) / 4 }.sorted(by: >)
        return zip(ids, scores).map { ScoredDocument(id: "d\($0)", score: $1) }
    }

    @Test(arguments: ["nDCG@10", "R@20", "AP", "RR@5", "nDCG(judged_only=True)@5"])
    func everyPointEqualsTheSlowWay(name: String) throws {
        let measure = try #require(try Measure.list(parsing: name).first)
        let weights = [0, 0.1, 0.5, 0.6, 1]
        var random = SplitMix64(seed: 11)
        for (first, second) in [(40, 40), (30, 50), (5, 0), (0, 7), (0, 0), (1, 1), (60, 60)] {
            let lists = [list(&random, first), list(&random, second)]
            var grades: [ByteString: Int] = [:]
            for document in 0..<60 where document % 4 == 0 {
                grades[ByteString("d\(document)")] = Int.random(in: 0...3, using: &random)
            }
            let grid = FusionGrid(normalizations: Self.normalizations, weights: weights, measure: measure)
            let found = grid.values(lists[0], lists[1], judgements: grades)
            #expect(found.count == grid.count)
            var place = 0
            for normalization in Self.normalizations {
                for weight in weights {
                    let fused = RunFusion(.sum(normalization), weights: [1 - weight, weight]).fuse(lists).sorted {
                        $0.score != $1.score ? $0.score > $1.score : ByteString($0.id) > ByteString($1.id)
                    }
                    // Places as scores: what is written to a run keeps its order.
                    let ranking = fused.enumerated().map { ScoredDocument(id: $1.id, score: Double(1000 - $0)) }
                    let run = Run(tag: "slow", rankings: ["q": ranking])
                    let evaluation = Evaluation(of: run, against: Qrels(grades: ["q": grades]), measures: [measure])
                    #expect(found[place] == evaluation.means[0], "\(normalization) \(weight)")
                    place += 1
                }
            }
        }
    }
}
