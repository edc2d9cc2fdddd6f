import Apus
import ByteStrings
import RetrievalEvaluation

extension ComparisonReport {
    /// One object: systems, comparisons, overlaps, queries and warnings.
    package func json() throws -> String {
        let hardest: [JSONValue] = hardestQueries.map {
            .object([("mean", .number($0.mean)), ("query", .string($0.query.string))])
        }
        let perQuery: [(key: String, value: JSONValue)] = queries.map { ($0.string, queryObject($0)) }
        let sampling: [(key: String, value: JSONValue)] = [
            ("bootstraps", .number(Double(comparison.sampling.bootstraps))),
            ("level", .number(comparison.sampling.level)),
            ("permutations", .number(Double(comparison.sampling.permutations))),
            ("seed", .string("\(comparison.sampling.seed)")),
        ]
        let members: [(key: String, value: JSONValue)] = [
            ("comparisons", .array(comparison.entries.map(entry))), ("hardestQueries", .array(hardest)),
            ("overlap", .array(pairs.map(overlapObject))), ("perQuery", .object(perQuery)),
            ("sampling", .object(sampling)), ("systems", .array(systems.indices.map(system))),
            ("warnings", .array(warnings.map { .string($0) })),
        ]
        return try JSONValue.object(members).text()
    }

    private func system(_ index: Int) -> JSONValue {
        let system = systems[index]
        var means: [(key: String, value: JSONValue)] = []
        for place in measures.indices where !measures[place].isText {
            let members: [(key: String, value: JSONValue)] = [
                ("interval", interval(comparison.intervals[index][place])),
                ("mean", .number(system.evaluation.means[place])),
            ]
            means.append((measures[place].name, .object(members)))
        }
        let cost: [(key: String, value: JSONValue)] =
            system.cost.map { cost in
                let times: [(key: String, value: JSONValue)] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map {
                    ($0, .number(cost.milliseconds(atPercentile: $1)))
                }
                let members: [(key: String, value: JSONValue)] = [
                    ("bytes", .number(Double(cost.bytes))), ("flops", .number(cost.flops)),
                    ("milliseconds", .object(times)),
                ]
                return [("cost", .object(members))]
            } ?? []
        return .object(
            cost + [
                ("judgedQueries", .number(Double(queries.count))), ("means", .object(means.sorted { $0.key < $1.key })),
                ("queriesWithoutResults", .number(Double(system.evaluation.queriesWithoutResults.count))),
                ("run", .string(system.name)), ("tag", .string(system.run.tag)),
                ("unjudgedAt10", .number(system.unjudgedShare)),
            ])
    }

    private func entry(_ entry: SystemComparison.Entry) -> JSONValue {
        let test = entry.tTest
        return .object([
            ("bonferroni", .number(entry.bonferroni)), ("difference", .number(test.meanDifference)),
            ("effectSize", test.effectSize.isFinite ? .number(test.effectSize) : .string("\(test.effectSize)")),
            ("first", .string(systems[entry.first].name)), ("holm", .number(entry.holm)),
            ("interval", interval(entry.interval)),
            ("losses", .number(Double(test.losses))), ("measure", .string(measures[entry.measure].name)),
            ("pRandomisation", .number(entry.randomisation)), ("pT", .number(test.pValue)),
            ("second", .string(systems[entry.second].name)), ("ties", .number(Double(test.ties))),
            ("wins", .number(Double(test.wins))),
        ])
    }

    private func overlapObject(_ pair: (first: Int, second: Int)) -> JSONValue {
        let values = overlaps(pair)
        return .object([
            ("first", .string(systems[pair.first].name)), ("jaccardAt10", .number(values[0])),
            ("jaccardAt100", .number(values[1])), ("rankBiasedOverlap", .number(values[2])),
            ("second", .string(systems[pair.second].name)),
        ])
    }

    /// The values of each run, and what is asked.
    private func queryObject(_ query: ByteString) -> JSONValue {
        let shown = measures.indices.filter { !measures[$0].isText }
        let values: [JSONValue] = systems.map { system in
            let numbers = system.evaluation.perQuery[query] ?? []
            var members: [(key: String, value: JSONValue)] = []
            for place in shown {
                members.append((measures[place].name, .number(place < numbers.count ? numbers[place] : 0)))
            }
            return .object(members.sorted { $0.key < $1.key })
        }
        var members: [(key: String, value: JSONValue)] = topics[query].map { [("text", .string($0))] } ?? []
        members.append(("values", .array(values)))
        return .object(members)
    }

    private func interval(_ range: ClosedRange<Double>) -> JSONValue {
        .array([.number(range.lowerBound), .number(range.upperBound)])
    }
}
