/// Ranks that say another order than the scores, which alone count, and ranks that are no ranks.
struct RankCheck: RankingCheck {
    private var rising = Tally()
    private var uneven = Tally()
    private var queries = 0

    mutating func visit(_ ranking: ExaminedRanking) {
        guard ranking.count > 0, !ranking.ranks.contains(where: \.isNaN) else { return }
        queries += 1
        let order = ranking.byRank
        // One rank for all is a column that nobody filled in.
        if ranking.count > 1, ranking.ranks[order[0]] == ranking.ranks[order[order.count - 1]] {
            return uneven.add(ranking.example(order[0], "every rank is \(ranking.ranks[order[0]])"))
        }
        for (a, b) in zip(order, order.dropFirst()) where ranking.scores[b] > ranking.scores[a] {
            rising.add(
                ranking.example(
                    b,
                    "rank \(Self.shown(ranking.ranks[b])) has score \(ranking.scores[b]), rank "
                        + "\(Self.shown(ranking.ranks[a])) on line \(ranking.lines[a]) has \(ranking.scores[a])"))
            break
        }
        for (a, b) in zip(order, order.dropFirst()) where ranking.ranks[b] != ranking.ranks[a] + 1 {
            uneven.add(
                ranking.example(
                    b, "rank \(Self.shown(ranking.ranks[b])) follows rank \(Self.shown(ranking.ranks[a]))"))
            break
        }
    }

    private static func shown(_ rank: Float) -> String { Int(exactly: rank).map { "\($0)" } ?? "\(rank)" }

    func findings(in path: String) -> [DoctorReport.Finding] {
        let (rising, uneven) = (rising, uneven)
        return [
            rising.finding(
                .fault, "ranks-against-scores", path,
                "In \(Figures.number(rising.count)) of \(Figures.counted(queries, "query", "queries")) a higher score stands at a lower "
                    + "rank. Evaluators go by the scores, so they measure another ranking than the ranks say.",
                fix:
                    "Are the scores distances, where less is better? Write their negatives. Else write scores that fall with the rank."
            ),
            uneven.finding(
                .note, "uneven-ranks", path,
                "In \(Figures.counted(uneven.count, "query", "queries")) ranks repeat or leave some out; no evaluator reads them."
            ),
        ].compactMap { $0 }
    }
}
