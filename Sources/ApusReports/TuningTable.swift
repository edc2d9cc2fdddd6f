package import Apus

/// What `apus tune` measured, as people read it.
package enum TuningTable {
    /// A row for each setting, and the recommendation.
    package static func text(_ report: TuningReport) -> String {
        let hasMeasure = report.rows.contains { $0.nDCG != nil }
        var table = TextTable(
            ["setting", "recall@\(report.hits)", "worst", "mean ms", "p50", "p99", "speed", "proved exact"]
                + (hasMeasure ? ["nDCG@10", "change"] : []))
        let base = report.rows.first?.mean ?? 0
        for row in report.rows {
            var cells = [row.flags.isEmpty ? "exact" : row.flags, Format.decimals(row.recall, 4)]
            cells.append(Format.decimals(row.worstRecall, 2))
            cells += [row.mean, row.p50, row.p99].map { Format.decimals($0, 3) }
            cells.append(row.mean > 0 ? Format.decimals(base / row.mean, 2) + "x" : "")
            cells.append(Format.decimals(row.provedExact * 100, 1) + " %")
            if let value = row.nDCG { cells.append(Format.decimals(value, 4)) }
            if let change = row.nDCGDifference { cells.append((change >= 0 ? "+" : "") + Format.decimals(change, 4)) }
            table.add(cells)
        }
        var lines = [table.text]
        if report.interrupted { lines.append("Interrupted: not every setting was measured in full.") }
        if let best = report.recommended {
            lines.append(
                "Fastest with recall@\(report.hits) of at least \(report.wantedRecall): "
                    + (best.flags.isEmpty ? "exact search, no flags." : best.flags)
                    + " (recall \(Format.decimals(best.recall, 4)), \(Format.decimals(best.mean, 3)) ms; "
                    + "exact \(Format.decimals(base, 3)) ms)")
        }
        return lines.joined(separator: "\n")
    }
}
