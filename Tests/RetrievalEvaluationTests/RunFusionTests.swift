import ApusTestSupport
import ByteStrings
import Foundation
import RetrievalEvaluation
import Testing

/// Expected scores: ranx 0.3.21 and qdrant-client (dbsf), through Scripts/oracles/fusion.
@Suite struct RunFusionTests {
    private struct Case {
        var weights: [Double]
        var lists: [[ScoredDocument]] = []
        var expected: [String: [String: Double]] = [:]
    }

    private func cases() throws -> [Case] {
        let path = TestPaths.fixtures + "/RetrievalEvaluation/fusion.txt"
        var cases: [Case] = []
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let columns = line.split(separator: "\t").map(String.init)
            let value = columns.count > 3 ? Double(columns[3]) ?? .nan : .nan
            switch columns[0] {
            case "case": cases.append(Case(weights: columns[2].split(separator: ",").compactMap { Double($0) }))
            case "r":
                let list = Int(columns[1]) ?? 0
                while cases[cases.count - 1].lists.count <= list { cases[cases.count - 1].lists.append([]) }
                cases[cases.count - 1].lists[list].append(ScoredDocument(id: columns[2], score: value))
            default: cases[cases.count - 1].expected[columns[1], default: [:]][columns[2]] = value
            }
        }
        return cases
    }

    private func fusion(_ name: String, _ weights: [Double]) -> RunFusion {
        let norms: [String: ScoreNormalization] = ["min-max": .minMax, "sum": .sum, "z-score": .zScore, "none": .none]
        let words = name.split(separator: " ").map(String.init)
        let norm = words.count > 1 ? norms[words[1]] ?? .none : .none
        return switch words[0] {
        case "rrf": RunFusion(.reciprocalRank(k: 60))
        case "rbc": RunFusion(.rankBiased(persistence: 0.8))
        case "dbsf": RunFusion(.sum(.distribution))
        case "combmnz": RunFusion(.sumTimesLists(norm))
        case "combanz": RunFusion(.mean(norm))
        case "convex": RunFusion(.sum(norm), weights: weights)
        default: RunFusion(.sum(norm))
        }
    }

    @Test func everyMethodEqualsRanxAndQdrant() throws {
        let cases = try cases()
        #expect(cases.count == 12 && cases.allSatisfy { $0.expected.count >= 15 })
        for (number, one) in cases.enumerated() {
            for (name, expected) in one.expected {
                let found = fusion(name, one.weights).fuse(one.lists)
                #expect(found.count == expected.count)
                for document in found {
                    let value = try #require(expected[document.id])
                    let difference = abs(document.score - value)
                    #expect(
                        difference <= 1e-9 * max(1, abs(value)),
                        "\(number) \(name) \(document.id): \(document.score), \(value)")
                }
            }
        }
    }

    private let lists = [
        [ScoredDocument(id: "a", score: 4), ScoredDocument(id: "b", score: 2)], [ScoredDocument(id: "b", score: 9)],
    ]

    /// By hand.
    @Test func whatAListLacksIsZeroItsMinimumOrComputed() {
        func scores(_ fusion: RunFusion, _ known: ((Int, ByteString) -> Double?)? = nil) -> [Double] {
            fusion.fuse(lists, completion: known).sorted { $0.id < $1.id }.map(\.score)
        }
        #expect(scores(RunFusion(.sum(.none))) == [4, 11])
        #expect(scores(RunFusion(.sum(.none), missing: .minimum)) == [13, 11])
        #expect(scores(RunFusion(.reciprocalRank(k: 0), missing: .minimum)) == [1.5, 1.5])
        // a has 1 in the second list when it is computed: of 1…9 that is the minimum, and b the maximum.
        #expect(scores(RunFusion(.sum(.minMax))) { _, id in id == "a" ? 1 : nil } == [1, 1])
        #expect(scores(RunFusion(.sum(.theoreticalMinMax(floor: 0)))) == [1, 1.5])
        #expect(scores(RunFusion(.sum(.theoreticalMinMax(floor: -1)))) == [1, 0.6 + 1])
    }

    @Test func aQueryOfOneRunIsAQueryOfTheResult() throws {
        let (a, b) = (Run(tag: "a", rankings: ["1": lists[0]]), Run(tag: "b", rankings: ["2": lists[1]]))
        let fused = try RunFusion(.sum(.none)).fuse([a, b], tag: "t")
        #expect(fused["1"].map(\.id) == ["a", "b"] && fused["2"].map(\.id) == ["b"] && fused.tag == "t")
        #expect(throws: EvaluationError.self) { try RunFusion(.sum(.none), weights: [1]).fuse([a, b]) }
        #expect(RunFusion(.mean(.distribution)).fuse([]).isEmpty)
    }

    /// Ids are bytes: two spellings are two documents.
    @Test func spellingsAreNotFused() {
        let spelled = ["caf\u{E9}", "cafe\u{301}"].map { [ScoredDocument(id: $0, score: 1)] }
        #expect(RunFusion(.reciprocalRank(k: 60)).fuse(spelled).count == 2)
    }
}
