/// Scores that are no finite numbers, and scores that tie.
struct ScoreCheck: RankingCheck {
    private var unusable = Tally()
    private var ties = Tally()
    private var singleTies = Tally()
    private var tied = 0
    private var tiedEarly = 0
    private var queries = 0

    mutating func visit(_ ranking: ExaminedRanking) {
        queries += 1
        for place in ranking.scores.indices where !ranking.scores[place].isFinite {
            unusable.add(ranking.example(place, "the score is \(ranking.scores[place])"))
        }
        let order = ranking.byScore
        var (first, firstSingle): (Int?, Int?) = (nil, nil)
        var isTied = [Bool](repeating: false, count: order.count)
        for place in order.indices.dropFirst() {
            let (a, b) = (ranking.scores[order[place - 1]], ranking.scores[order[place]])
            if a == b {
                first = first ?? place
                (isTied[place - 1], isTied[place]) = (true, true)
            } else if Float(a) == Float(b) {
                firstSingle = firstSingle ?? place
            }
        }
        tied += isTied.count { $0 }
        tiedEarly += isTied.prefix(10).count { $0 }
        if let first {
            let (a, b) = (order[first - 1], order[first])
            ties.add(
                ranking.example(
                    b, "score \(ranking.scores[b]), as line \(ranking.lines[a]); at place \(first) by score"))
        } else if let place = firstSingle {
            let (a, b) = (order[place - 1], order[place])
            singleTies.add(
                ranking.example(b, "\(ranking.scores[b]) and \(ranking.scores[a]) on line \(ranking.lines[a])"))
        }
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        let (unusable, ties, single) = (unusable, ties, singleTies)
        return [
            unusable.finding(
                .fault, "scores-not-finite", path,
                "\(Figures.counted(unusable.count, "score is", "scores are")) not a number or infinite.",
                fix: "Find out what computed them; every evaluator orders them in its own way, and Apus refuses them."),
            ties.finding(
                .warning, "score-ties", path,
                "In \(ties.count) of \(Figures.counted(queries, "query", "queries")) scores tie: "
                    + "\(Figures.counted(tied, "result", "results")), \(Figures.number(tiedEarly)) of them within the first ten. "
                    + "trec_eval orders them by document id, descending, whatever the file's order.",
                fix: "Write scores that fall strictly in the order meant, with all their digits."),
            single.finding(
                .note, "ties-in-single-precision", path,
                "In \(Figures.counted(single.count, "query", "queries")) scores differ as doubles only: trec_eval up to 9.0.7 and "
                    + "ir_measures see ties, trec_eval 9.0.8 and 10 do not.",
                fix: "Write scores that differ in their first seven digits."),
        ].compactMap { $0 }
    }
}
