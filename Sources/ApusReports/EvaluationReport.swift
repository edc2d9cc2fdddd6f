package import Apus
import ByteStrings
package import CorpusFormats
import Foundation
package import RetrievalEvaluation

/// Systems side by side: one row per run, one column per measure.
package struct EvaluationReport {
    private struct Row {
        let name: String
        let evaluation: Evaluation
        let latency: BatchAnswer?
        let run: Run
        let cost: SearchCost?
    }

    let measures: [Measure]
    let test: SignificanceTest
    /// Whether documents with their query's own id are left out.
    let ignoresIdenticalIDs: Bool
    /// What a reader should know of the runs.
    package var notes: [String] = []
    /// Which queries the means are over.
    package var averaging = Evaluation.Averaging.judged
    private var rows: [Row] = []

    /// No runs yet.
    package init(measures: [Measure], test: SignificanceTest, ignoresIdenticalIDs: Bool) {
        self.measures = measures
        self.test = test
        self.ignoresIdenticalIDs = ignoresIdenticalIDs
    }

    /// Measures a run, and notes what a reader should know of it.
    /// - Throws: `EvaluationError.noSharedQuery`.
    package mutating func add(
        _ name: String, _ run: Run, _ qrels: Qrels, qrelsPath: String, latency: BatchAnswer? = nil,
        cost: SearchCost? = nil
    ) throws {
        let selves = run.queriesThatFoundThemselves.count
        let measured = ignoresIdenticalIDs ? run.removingDocumentsNamedAsTheirQuery() : run
        let evaluation = Evaluation(of: measured, against: qrels, measures: measures, averaging: averaging)
        if evaluation.sharesNoQuery, latency == nil, !evaluation.unjudgedQueries.isEmpty {
            throw EvaluationError.noSharedQuery(
                path: name, queries: evaluation.unjudgedQueries.map(\.string), qrels: qrelsPath,
                judged: qrels.grades.keys.sorted().map(\.string))
        }
        rows.append(Row(name: name, evaluation: evaluation, latency: latency, run: measured, cost: cost))
        note(name, run, evaluation)
        guard selves > 0 else { return }
        notes.append(
            ignoresIdenticalIDs
                ? "\(name): the document with the query's own id was left out of \(Format.count(selves)) rankings."
                : "\(name): \(Format.count(selves)) queries found a document with their own id; where queries are documents "
                    + "that found themselves (ArguAna, Quora), BEIR leaves these out: --ignore-identical-ids.")
    }

    private mutating func note(_ name: String, _ run: Run, _ evaluation: Evaluation) {
        let judged =
            evaluation.judgedQueries.count + (averaging == .judged ? 0 : evaluation.queriesWithoutResults.count)
        if run.count == 0 {
            notes.append("\(name): there is no result at all; every judged query counts 0.")
            return
        }
        if !evaluation.queriesWithoutResults.isEmpty {
            notes.append(
                "\(name): \(Format.count(evaluation.queriesWithoutResults.count)) of \(Format.count(judged)) judged queries "
                    + (averaging == .judged ? "have no result and count 0." : "have no result and were left out."))
        }
        if !evaluation.unjudgedQueries.isEmpty {
            notes.append(
                "\(name): \(Format.count(evaluation.unjudgedQueries.count)) queries have no judgements and were left out."
            )
        }
        if evaluation.judgedResults == 0 {
            notes.append(
                "\(name): none of its documents is judged; are the ids those of the collection that was judged?")
        }
        let tied = run.queriesThatTieInSinglePrecision.count
        if tied > 0 {
            notes.append(
                "\(name): in \(Format.count(tied)) queries, scores that differ in double precision tie in single precision; "
                    + "trec_eval 9.0.8 and 10 may order them otherwise.")
        }
    }

    /// The table; letters name the rows that a value beats significantly.
    package func text(perQuery: Bool) throws -> String {
        let hasLatency = rows.contains { $0.latency != nil }
        let family = try ComparisonFamily(rows.map(\.evaluation), test: test)
        var head = ["run"] + measures.map(\.name)
        if hasLatency { head += ["mean ms", "p50", "p95", "p99"] }
        var table = TextTable(head)
        for (index, row) in rows.enumerated() {
            var cells = [rows.count > 1 ? "\(letter(index)) \(row.name)" : row.name]
            for measure in measures.indices {
                let value = measures[measure].isText ? "" : Format.decimals(row.evaluation.means[measure], 4)
                cells.append(value + letters(index, measure, family))
            }
            if let latency = row.latency {
                cells += [latency.meanMilliseconds].map { Format.decimals($0, 2) }
                cells += [0.5, 0.95, 0.99].map { Format.decimals(latency.milliseconds(atPercentile: $0), 2) }
            }
            table.add(cells)
        }
        var text = table.text
        if let first = rows.first {
            text += "\n\(Format.count(first.evaluation.judgedQueries.count)) judged queries"
            text += averaging == .judged ? "" : " that were answered"
            if rows.count > 1 {
                text += "; a letter behind a value names a row that it beats (\(testName), p < 0.05 after Holm's "
                text += "correction for \(Format.count(family.count)) comparisons)"
            }
        }
        return perQuery ? perQueryText() + "\n\n" + text : text
    }

    /// The same systems as a page for a browser.
    /// - Throws: `EvaluationError`.
    package func page(qrels: Qrels, topics: [Topic]) throws -> ComparisonPage {
        let systems = rows.map {
            ComparisonReport.System($0.name, $0.run, $0.evaluation, against: qrels, cost: $0.cost)
        }
        let comparison = try SystemComparison(of: rows.map(\.evaluation))
        let texts = Dictionary(topics.map { (ByteString($0.id), $0.text) }) { first, _ in first }
        return try ComparisonPage(
            ComparisonReport(
                systems: systems, comparison: comparison, topics: texts, shownQueries: 10, isPerQuery: false),
            qrels: qrels)
    }

    private var testName: String { test == .pairedT ? "paired t-test" : "randomisation test" }

    /// a, b, …, z, a1, b1, …
    private func letter(_ index: Int) -> String {
        String(UnicodeScalar(UInt8(97 + index % 26))) + (index < 26 ? "" : "\(index / 26)")
    }

    private func letters(_ row: Int, _ measure: Int, _ family: ComparisonFamily) -> String {
        guard rows.count > 1 else { return "" }
        let beaten = rows.indices.filter { family.isBetter(row, than: $0, in: measure) }.map(letter).joined()
        let width = rows.indices.reduce(0) { $0 + letter($1).count } - letter(row).count
        return beaten.padding(toLength: max(width, beaten.count), withPad: " ", startingAt: 0)
    }

    private func perQueryText() -> String {
        var table = TextTable(["query", "run"] + measures.map(\.name))
        for query in rows.first?.evaluation.judgedQueries ?? [] {
            for row in rows {
                table.add([query.string, row.name] + cells(row.evaluation, query))
            }
        }
        return table.text
    }

    /// Numbers, and texts where the measure is one.
    private func cells(_ evaluation: Evaluation, _ query: ByteString) -> [String] {
        var texts = evaluation.texts[query]?.makeIterator()
        return zip(measures, evaluation.perQuery[query] ?? []).map {
            $0.isText ? texts?.next() ?? "" : Format.decimals($1, 4)
        }
    }

    /// One object for each run; with several, each holds its comparisons with the runs before it.
    package func json() throws -> String {
        let family = try ComparisonFamily(rows.map(\.evaluation), test: test)
        return try JSONValue.array(rows.indices.map { .object(members($0, family)) }).text()
    }

    private func members(_ index: Int, _ family: ComparisonFamily) -> [(key: String, value: JSONValue)] {
        let row = rows[index]
        var members: [(key: String, value: JSONValue)] = []
        if rows.count > 1 {
            members.append(("comparisons", .array((0..<index).flatMap { comparisons($0, index, family) })))
        }
        members.append(("judgedQueries", .number(Double(row.evaluation.judgedQueries.count))))
        members.append(("means", object(row.evaluation.means)))
        if let latency = row.latency {
            let times =
                [("mean", latency.meanMilliseconds)]
                + [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map { ($0, latency.milliseconds(atPercentile: $1)) }
            members.append(("milliseconds", .object(times.map { ($0, .number($1)) })))
        }
        let perQuery = row.evaluation.judgedQueries.map { query in
            (key: query.string, value: object(row.evaluation.perQuery[query] ?? [], row.evaluation.texts[query]))
        }
        members.append(("perQuery", .object(perQuery)))
        members.append(("run", .string(row.name)))
        return members
    }

    private func object(_ values: [Double], _ texts: [String]? = nil) -> JSONValue {
        var texts = texts?.makeIterator()
        let members = zip(measures, values).compactMap { measure, value -> (String, JSONValue)? in
            guard measure.isText else { return (measure.name, .number(value)) }
            return texts?.next().map { (measure.name, .string($0)) }
        }
        return .object(members.sorted { $0.0 < $1.0 })
    }

    private func comparisons(_ first: Int, _ second: Int, _ family: ComparisonFamily) -> [JSONValue] {
        measures.indices.map { measure in
            let entry = family.entry(first, second, measure)
            return .object([
                ("correctedPValue", .number(entry.correctedPValue)),
                ("difference", .number(entry.significance.meanDifference)),
                ("losses", .number(Double(entry.significance.losses))), ("measure", .string(measures[measure].name)),
                ("pValue", .number(entry.significance.pValue)), ("ties", .number(Double(entry.significance.ties))),
                ("to", .string(rows[first].name)), ("wins", .number(Double(entry.significance.wins))),
            ])
        }
    }
}
