/// Whether a run answers the judged queries, and how many of its first ten documents are judged.
struct CoverageCheck: RankingCheck {
    private let judgements: KnownJudgements?
    private let isTopic: ((String) -> Bool)?
    private var answered: Set<UInt64> = []
    private var unknown = Tally()
    private var unjudgedQueries = Tally()
    private var early = 0
    private var unjudged = 0

    init(_ judgements: KnownJudgements?, isTopic: ((String) -> Bool)?) {
        self.judgements = judgements
        self.isTopic = isTopic
    }

    mutating func visit(_ ranking: ExaminedRanking) {
        let query = TextHash(ranking.query).value
        answered.insert(query)
        if let isTopic, !isTopic(ranking.query) { unknown.add(ranking.example(0, "no topic has this id")) }
        guard let judgements else { return }
        guard let grades = judgements.grades[query] else {
            return unjudgedQueries.add(ranking.example(0, "nothing is judged for it"))
        }
        for place in ranking.byScore.prefix(10) {
            early += 1
            if (grades[ranking.documents[place]] ?? -1) < 0 { unjudged += 1 }
        }
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        var unanswered = Tally()
        for (id, line) in judgements?.queries ?? [] where !answered.contains(TextHash(id).value) {
            unanswered.add(.init(id: id, "judged on line \(line) of the judgements, not answered"))
        }
        let (unknown, aside, all) = (unknown, unjudgedQueries, answered.count)
        let isNoneJudged = judgements != nil && aside.count == all
        var found = [
            unanswered.finding(
                isNoneJudged ? .fault : .warning, "judged-queries-unanswered", path,
                "\(Figures.counted(unanswered.count, "judged query has", "judged queries have")) no result and "
                    + "\(unanswered.count == 1 ? "counts" : "count") 0 in every mean.",
                fix: isNoneJudged
                    ? "Not one query of the run is judged: do the files belong together, are ids spelled alike?"
                    : "Search them too; evaluate's --answered-only leaves them out of the means, as trec_eval without -c."
            ),
            unknown.finding(
                .warning, "queries-not-among-topics", path,
                "\(Figures.counted(unknown.count, "query of the run is", "queries of the run are")) not among the topics.",
                fix: "Is it a run of these topics?"),
            aside.finding(
                .note, "queries-not-judged", path,
                "\(Figures.counted(aside.count, "query of the run has", "queries of the run have")) no judgement and "
                    + "\(aside.count == 1 ? "counts" : "count") nowhere."),
        ].compactMap { $0 }
        if early > 0, unjudged > 0 {
            found.append(
                .init(
                    severity: .note, check: "unjudged-results", path: path,
                    summary:
                        "\(Figures.share(unjudged, of: early)) of the first ten results are not judged and count as not relevant.",
                    count: unjudged, examples: [],
                    fix: "Compare systems with care; evaluate's --judged-only and Judged@10 show what it does."))
        }
        return found
    }
}
