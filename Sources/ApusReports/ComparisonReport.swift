package import Apus
package import ByteStrings
import Foundation
package import RetrievalEvaluation

/// What `apus compare` says, as tables.
package struct ComparisonReport {
    /// One run and its measures.
    package struct System {
        /// The run's file.
        package let name: String
        let run: Run
        /// The measures that are shown.
        package let evaluation: Evaluation
        /// The same measures without unjudged documents.
        let judgedOnly: Evaluation
        /// What its answers cost, where they were made here.
        let cost: SearchCost?

        /// A run that is measured already.
        package init(
            _ name: String, _ run: Run, _ evaluation: Evaluation, against qrels: Qrels, cost: SearchCost? = nil
        ) {
            self.name = name
            self.run = run
            self.cost = cost
            self.evaluation = evaluation
            judgedOnly = Evaluation(
                of: run, against: qrels, measures: evaluation.measures.map(\.ofJudgedDocuments),
                averaging: evaluation.averaging)
        }

        /// The mean share of unjudged documents among the first ten.
        var unjudgedShare: Double {
            let shares = evaluation.unjudgedShares
            return shares.isEmpty ? 0 : shares.reduce(0, +) / Double(shares.count)
        }
    }

    let systems: [System]
    let comparison: SystemComparison
    let topics: [ByteString: String]
    let shownQueries: Int
    let isPerQuery: Bool

    /// A report on systems that were compared.
    ///
    /// - Parameters:
    ///   - topics: What the queries ask, where that is known.
    ///   - shownQueries: How many of the hardest and of the most changed queries are shown.
    ///   - isPerQuery: Whether every query is shown.
    package init(
        systems: [System], comparison: SystemComparison, topics: [ByteString: String], shownQueries: Int,
        isPerQuery: Bool
    ) {
        self.systems = systems
        self.comparison = comparison
        self.topics = topics
        self.shownQueries = shownQueries
        self.isPerQuery = isPerQuery
    }

    var measures: [Measure] { systems.first?.evaluation.measures ?? [] }
    var queries: [ByteString] { systems.first?.evaluation.judgedQueries ?? [] }
    /// Judged queries that are not among the topics.
    package var queriesWithoutText: Int { queries.count { topics[$0] == nil } }

    /// The pairs, each once, in the order of the entries.
    var pairs: [(first: Int, second: Int)] {
        var pairs: [(first: Int, second: Int)] = []
        for entry in comparison.entries where pairs.last.map({ $0 != (entry.first, entry.second) }) ?? true {
            pairs.append((entry.first, entry.second))
        }
        return pairs
    }

    /// All tables in one form; of CSV one table.
    package func text(_ form: ReportTable.Form) -> String {
        var tables =
            form == .csv ? [isPerQuery ? perQuery : differences] : [means, differences, overlap, costs, hardest]
        if form != .csv {
            tables += pairs.map(changed)
            if isPerQuery { tables.append(perQuery) }
        }
        let text = tables.filter { !$0.rows.isEmpty }.map { $0.lines(form) }.joined(separator: "\n\n")
        guard form != .csv else { return text }
        return text + "\n\n" + (form == .latex ? "% " : "") + summary
    }

    /// How many queries, comparisons and samples.
    var summary: String {
        "\(Format.count(queries.count)) judged queries; \(Format.count(comparison.entries.count)) comparisons corrected together; "
            + "\(Format.count(comparison.sampling.permutations)) permutations, seed \(comparison.sampling.seed)"
    }

    var means: ReportTable {
        let percent = Format.decimals(comparison.sampling.level * 100, 0)
        var table = ReportTable(
            title: "Means with \(percent) % intervals",
            head: ["run"] + measures.filter { !$0.isText }.map(\.name) + ["unjudged@10"])
        for (index, system) in systems.enumerated() {
            var row = [system.name]
            for (place, measure) in measures.enumerated() where !measure.isText {
                let value = Format.decimals(system.evaluation.means[place], 4)
                row.append(
                    measure.isSummed || measure.isGeometric
                        ? value : value + " " + interval(comparison.intervals[index][place]))
            }
            table.rows.append(row + [Format.decimals(system.unjudgedShare * 100, 1) + " %"])
        }
        return table
    }

    var differences: ReportTable {
        var table = ReportTable(
            title: "Differences, second − first",
            head: [
                "second", "first", "measure", "difference", "interval", "p t", "p rand", "Bonferroni", "Holm", "d",
                "win/tie/loss", "",
            ])
        for entry in comparison.entries {
            let test = entry.tTest
            table.rows.append([
                systems[entry.second].name, systems[entry.first].name, measures[entry.measure].name,
                signed(test.meanDifference), interval(entry.interval), pValue(test.pValue), pValue(entry.randomisation),
                pValue(entry.bonferroni), pValue(entry.holm), Format.decimals(test.effectSize, 2),
                "\(test.wins)/\(test.ties)/\(test.losses)", entry.holm < 0.05 ? "significant" : "",
            ])
        }
        return table
    }

    var overlap: ReportTable {
        var table = ReportTable(
            title: "Overlap of rankings", head: ["second", "first", "Jaccard@10", "Jaccard@100", "RBO"])
        for pair in pairs {
            let values = overlaps(pair)
            table.rows.append(
                [systems[pair.second].name, systems[pair.first].name] + values.map { Format.decimals($0, 3) })
        }
        return table
    }

    /// Means over the judged queries: Jaccard of the first 10 and 100, rank-biased overlap.
    func overlaps(_ pair: (first: Int, second: Int)) -> [Double] {
        var sums = [0.0, 0.0, 0.0]
        for query in queries {
            let (a, b) = (systems[pair.first].run[query], systems[pair.second].run[query])
            sums[0] += RankingOverlap.jaccard(a, b, depth: 10)
            sums[1] += RankingOverlap.jaccard(a, b, depth: 100)
            sums[2] += RankingOverlap.rankBiased(a, b)
        }
        return sums.map { $0 / Double(max(1, queries.count)) }
    }

    /// Of the systems whose answers were made here.
    var costs: ReportTable {
        var table = ReportTable(
            title: "Cost", head: ["run", "mean ms", "p50", "p95", "p99", "FLOPS per document", "MB of postings"])
        for system in systems {
            guard let cost = system.cost else { continue }
            let mean = cost.milliseconds.reduce(0, +) / Double(max(1, cost.milliseconds.count))
            table.rows.append(
                [system.name, Format.decimals(mean, 3)]
                    + [0.5, 0.95, 0.99].map { Format.decimals(cost.milliseconds(atPercentile: $0), 3) }
                    + [Format.decimals(cost.flops, 3), Format.decimals(Double(cost.bytes) / 1e6, 2)])
        }
        return table
    }

    /// The queries with the lowest mean over all systems, the first of the list first.
    var hardestQueries: [(query: ByteString, mean: Double)] {
        let columns = systems.map { $0.evaluation.values(0) }
        let means = queries.indices.map { place in columns.reduce(0) { $0 + $1[place] } / Double(max(1, columns.count))
        }
        let order = queries.indices.sorted { (means[$0], queries[$0]) < (means[$1], queries[$1]) }
        return order.prefix(shownQueries).map { (queries[$0], means[$0]) }
    }

    /// The queries that differ most, the greatest difference first.
    func changedQueries(_ pair: (first: Int, second: Int)) -> [(query: ByteString, first: Double, second: Double)] {
        let (a, b) = (systems[pair.first].evaluation.values(0), systems[pair.second].evaluation.values(0))
        let order = queries.indices.filter { a[$0] != b[$0] }.sorted {
            let (x, y) = (abs(b[$0] - a[$0]), abs(b[$1] - a[$1]))
            return x != y ? x > y : queries[$0] < queries[$1]
        }
        return order.prefix(shownQueries).map { (queries[$0], a[$0], b[$0]) }
    }

    var hardest: ReportTable {
        var table = ReportTable(
            title: "Hardest queries (\(measures.first?.name ?? ""), mean of all runs)",
            head: ["query", "mean"] + (topics.isEmpty ? [] : ["text"]))
        for (query, mean) in hardestQueries {
            table.rows.append([query.string, Format.decimals(mean, 4)] + ask(query))
        }
        return table
    }

    private func changed(_ pair: (first: Int, second: Int)) -> ReportTable {
        var table = ReportTable(
            title:
                "Most changed queries (\(measures.first?.name ?? "")), from \(systems[pair.first].name) to \(systems[pair.second].name)",
            head: ["query", "first", "second", "difference"] + (topics.isEmpty ? [] : ["text"]))
        for (query, first, second) in changedQueries(pair) {
            table.rows.append(
                [query.string, Format.decimals(first, 4), Format.decimals(second, 4), signed(second - first)]
                    + ask(query))
        }
        return table
    }

    private var perQuery: ReportTable {
        var table = ReportTable(
            title: "Every query",
            head: ["query", "measure"] + systems.map(\.name)
                + pairs.map { "\(systems[$0.second].name) − \(systems[$0.first].name)" }
                + (topics.isEmpty ? [] : ["text"]))
        for query in queries {
            for (place, measure) in measures.enumerated() where !measure.isText {
                let values = systems.map { $0.evaluation.perQuery[query]?[place] ?? 0 }
                table.rows.append(
                    [query.string, measure.name] + values.map { Format.decimals($0, 4) }
                        + pairs.map { signed(values[$0.second] - values[$0.first]) } + ask(query))
            }
        }
        return table
    }

    /// Differences that missing judgements explain.
    package var warnings: [String] {
        comparison.entries.compactMap { entry in
            let (first, second) = (systems[entry.first], systems[entry.second])
            let difference = entry.tTest.meanDifference
            let (worse, better) = difference < 0 ? (second, first) : (first, second)
            guard difference != 0, worse.unjudgedShare - better.unjudgedShare >= 0.02 else { return nil }
            let (a, b) = (first.judgedOnly.means[entry.measure], second.judgedOnly.means[entry.measure])
            let without = measures[entry.measure].isSummed ? difference : b - a
            guard without * difference <= 0 || abs(without) < abs(difference) / 2 else { return nil }
            return
                "\(measures[entry.measure].name) of '\(worse.name)' is lower by \(Format.decimals(abs(difference), 4)) than that of "
                + "'\(better.name)', but \(percent(worse.unjudgedShare)) of its first ten documents are unjudged against "
                + "\(percent(better.unjudgedShare)); without unjudged documents the difference is "
                + "\(signed(difference < 0 ? without : -without)). Judge them before you trust it."
        }
    }

    func ask(_ query: ByteString) -> [String] {
        guard !topics.isEmpty else { return [] }
        let text = topics[query] ?? ""
        return [text.count > 80 ? text.prefix(79) + "…" : text]
    }

    private func interval(_ range: ClosedRange<Double>) -> String {
        "[\(Format.decimals(range.lowerBound, 4)), \(Format.decimals(range.upperBound, 4))]"
    }
    private func signed(_ value: Double) -> String { (value >= 0 ? "+" : "") + Format.decimals(value, 4) }
    private func percent(_ share: Double) -> String { Format.decimals(share * 100, 1) + " %" }
    private func pValue(_ value: Double) -> String { value < 0.0001 ? "<0.0001" : Format.decimals(value, 4) }
}
