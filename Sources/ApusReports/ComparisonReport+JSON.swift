import ByteStrings
import RetrievalEvaluation

extension ComparisonReport {
    /// One object: systems, comparisons, overlaps, queries and warnings.
    package func json() throws -> String {
        try JSONValue.object([
            ("comparisons", .array(comparison.entries.map(entry))),
            (
                "hardestQueries",
                .array(
                    hardestQueries.map { .object([("mean", .number($0.mean)), ("query", .string($0.query.string))]) })
            ),
            ("overlap", .array(pairs.map(overlapObject))),
            ("perQuery", .object(queries.map { ($0.string, queryObject($0)) })),
            (
                "sampling",
                .object([
                    ("bootstraps", .number(Double(comparison.sampling.bootstraps))),
                    ("level", .number(comparison.sampling.level)),
                    ("permutations", .number(Double(comparison.sampling.permutations))),
                    ("seed", .string("\(comparison.sampling.seed)")),
                ])
            ),
            ("systems", .array(systems.indices.map(system))),
            ("warnings", .array(warnings.map { .string($0) })),
        ]).text()
    }

    private func system(_ index: Int) -> JSONValue {
        let system = systems[index]
        let means = measures.indices.filter { !measures[$0].isText }.map { place in
            (
                key: measures[place].name,
                value: JSONValue.object([
                    ("interval", interval(comparison.intervals[index][place])),
                    ("mean", .number(system.evaluation.means[place])),
                ])
            )
        }
        return .object([
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
        let values = systems.map { system in
            JSONValue.object(
                shown.map { (measures[$0].name, .number(system.evaluation.perQuery[query]?[$0] ?? 0)) }.sorted {
                    $0.0 < $1.0
                })
        }
        return .object((topics[query].map { [("text", .string($0))] } ?? []) + [("values", .array(values))])
    }

    private func interval(_ range: ClosedRange<Double>) -> JSONValue {
        .array([.number(range.lowerBound), .number(range.upperBound)])
    }
}
