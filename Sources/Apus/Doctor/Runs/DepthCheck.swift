/// How many results the queries have.
struct DepthCheck: RankingCheck {
    private var depths: [(count: Int, query: String, line: Int)] = []

    mutating func visit(_ ranking: ExaminedRanking) {
        depths.append((ranking.count, ranking.query, Int(ranking.lines.first ?? 0)))
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        let sorted = depths.map(\.count).sorted()
        guard let least = sorted.first, let most = sorted.last else { return [] }
        var summary =
            "\(Figures.counted(depths.count, "query", "queries")), depth \(Figures.number(most))"
        var short = Tally()
        if least < most {
            for entry in depths where entry.count < most {
                short.add(.init(line: entry.line, id: entry.query, Figures.counted(entry.count, "result", "results")))
            }
            summary +=
                " at most, \(Figures.number(sorted[sorted.count / 2])) in the middle, \(Figures.number(least)) at least; "
                + "\(Figures.counted(short.count, "query has", "queries have")) fewer than the most"
        } else {
            summary += " for all"
        }
        let isShallow = most < 100
        return [
            DoctorReport.Finding(
                severity: .note, check: "depth", path: path, summary: summary + ".", count: short.count,
                examples: short.examples,
                fix: isShallow
                    ? "Measures below rank \(most), such as R@100 and AP, see the documents behind it as not found."
                    : nil)
        ]
    }
}
