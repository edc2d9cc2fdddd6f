import Apus
import Foundation
import RetrievalEvaluation

/// Systems side by side: one row per run, one column per measure.
struct EvaluationReport {
    private struct Row {
        let name: String
        let run: Run
        let evaluation: Evaluation
        let latency: BatchAnswer?
    }

    let measures: [Measure]
    var notes: [String] = []
    private var rows: [Row] = []

    init(measures: [Measure]) { self.measures = measures }

    mutating func add(_ name: String, _ run: Run, _ qrels: Qrels, latency: BatchAnswer?) {
        rows.append(
            Row(
                name: name, run: run, evaluation: Evaluation(of: run, against: qrels, measures: measures),
                latency: latency))
    }

    /// The table; letters name the rows that a value beats significantly (paired t-test, p < 0.05).
    func text(perQuery: Bool) -> String {
        let hasLatency = rows.contains { $0.latency != nil }
        var head = ["run"] + measures.map(\.name)
        if hasLatency { head += ["mean ms", "p50", "p95", "p99"] }
        var table = TextTable(head)
        for (index, row) in rows.enumerated() {
            var cells = [rows.count > 1 ? "\(letter(index)) \(row.name)" : row.name]
            for measure in measures.indices {
                cells.append(Format.decimals(row.evaluation.means[measure], 4) + letters(index, measure))
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
            if rows.count > 1 {
                text += "; a letter behind a value names a row that it beats (paired t-test, p < 0.05)"
            }
        }
        return perQuery ? perQueryText() + "\n\n" + text : text
    }

    private func letter(_ index: Int) -> String { String(UnicodeScalar(UInt8(97 + index % 26))) }

    private func letters(_ row: Int, _ measure: Int) -> String {
        guard rows.count > 1 else { return "" }
        let beaten = rows.indices.filter { other in
            other != row
                && isBetter(rows[row].evaluation, than: rows[other].evaluation, measure)
        }
        return (beaten.map(letter).joined()).padding(toLength: rows.count - 1, withPad: " ", startingAt: 0)
    }

    private func isBetter(_ one: Evaluation, than other: Evaluation, _ measure: Int) -> Bool {
        guard let significance = try? Comparison(other, one, test: .pairedT).significances[measure] else {
            return false
        }
        return significance.meanDifference > 0 && significance.pValue < 0.05
    }

    private func perQueryText() -> String {
        var table = TextTable(["query", "run"] + measures.map(\.name))
        for query in (rows.first?.evaluation.perQuery.keys).map(Array.init)?.sorted() ?? [] {
            for row in rows {
                table.add([query, row.name] + (row.evaluation.perQuery[query] ?? []).map { Format.decimals($0, 4) })
            }
        }
        return table.text
    }

    private struct Document: Encodable {
        let run: String
        let judgedQueries: Int
        let means: [String: Double]
        let perQuery: [String: [String: Double]]
        let milliseconds: [String: Double]?
    }

    func json() throws -> String {
        let names = measures.map(\.name)
        return try Format.json(
            rows.map { row in
                Document(
                    run: row.name, judgedQueries: row.evaluation.judgedQueries.count,
                    means: Dictionary(zip(names, row.evaluation.means)) { $1 },
                    perQuery: row.evaluation.perQuery.mapValues { Dictionary(zip(names, $0)) { $1 } },
                    milliseconds: row.latency.map {
                        [
                            "mean": $0.meanMilliseconds, "p50": $0.milliseconds(atPercentile: 0.5),
                            "p95": $0.milliseconds(atPercentile: 0.95), "p99": $0.milliseconds(atPercentile: 0.99),
                        ]
                    })
            })
    }
}
