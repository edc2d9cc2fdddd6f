import ApusTestSupport
import ByteStrings
import Foundation
import RetrievalEvaluation
import Testing

/// Every measure on random runs; the values are pytrec_eval's and ir_measures' (Scripts/oracles/measures-of-random-runs).
/// `APUS_RANDOM_RUNS` names a larger file of the same script.
@Suite struct RandomRunTests {
    private struct Case {
        var number: Substring
        var qrels = Qrels()
        var rankings: [ByteString: [ScoredDocument]] = [:]
        var expected: [(query: String, values: [Double])] = []
    }

    private func cases() throws -> (names: [String], cases: [Case]) {
        let path =
            ProcessInfo.processInfo.environment["APUS_RANDOM_RUNS"]
            ?? TestPaths.fixtures + "/RetrievalEvaluation/random-runs.txt"
        var (names, cases): ([String], [Case]) = ([], [])
        for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
            let columns = line.split(separator: "\t")
            let query = ByteString(String(columns[1]))
            switch columns[0] {
            case "measures": names = columns.dropFirst().map(String.init)
            case "case": cases.append(Case(number: columns[1]))
            case "j":
                cases[cases.count - 1].qrels.grades[query, default: [:]][ByteString(String(columns[2]))] = Int(
                    columns[3])
            case "r":
                let document = ScoredDocument(id: String(columns[2]), score: Double(columns[3]) ?? .nan)
                cases[cases.count - 1].rankings[query, default: []].append(document)
            default:
                let values = columns.dropFirst(2).map { Double($0) ?? .nan }
                cases[cases.count - 1].expected.append((String(columns[1]), values))
            }
        }
        return (names, cases)
    }

    @Test func everyMeasureEqualsTheOracles() throws {
        let (names, cases) = try cases()
        let measures = try names.map { try Measure(parsing: $0) }
        #expect(names.count > 90 && cases.count >= 100)
        var (compared, wrong) = (0, 0)
        for one in cases {
            let run = Run(tag: "t", rankings: one.rankings)
            let evaluation = Evaluation(of: run, against: one.qrels, measures: measures)
            for (query, values) in one.expected {
                let found = query == "all" ? evaluation.means : evaluation.perQuery[ByteString(query)] ?? []
                #expect(found.count == names.count && values.count == names.count)
                for index in names.indices {
                    // gdeval prints five decimals.
                    let isRounded = names[index].hasPrefix("ERR") || names[index].contains("exp")
                    let tolerance = isRounded ? 6e-6 : 1e-6 * max(1, abs(values[index]))
                    compared += 1
                    guard !(abs(found[index] - values[index]) <= tolerance) else { continue }
                    wrong += 1
                    if wrong <= 20 {
                        Issue.record(
                            "case \(one.number) query \(query) \(names[index]): \(found[index]), expected \(values[index])"
                        )
                    }
                }
            }
        }
        #expect(wrong == 0)
        print("\(cases.count) runs, \(compared) values")
    }

    @Test func theNamesSurviveTheirOwnSpelling() throws {
        for name in try cases().names {
            let measure = try Measure(parsing: name)
            #expect(try Measure(parsing: measure.name) == measure, "\(name)")
        }
    }
}
