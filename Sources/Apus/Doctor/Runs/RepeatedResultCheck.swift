/// Documents that are listed twice for a query.
struct RepeatedResultCheck: RankingCheck {
    private var repeated = Tally()

    mutating func visit(_ ranking: ExaminedRanking) {
        var first: [UInt64: UInt32] = [:]
        first.reserveCapacity(ranking.count)
        for place in ranking.documents.indices {
            guard let line = first[ranking.documents[place]] else {
                first[ranking.documents[place]] = ranking.lines[place]
                continue
            }
            repeated.add(ranking.example(place, "the document of line \(line) again"))
        }
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        let repeated = repeated
        let found = repeated.finding(
            .fault, "repeated-results", path,
            "\(Figures.counted(repeated.count, "result lists a document", "results list documents")) again for the same query; "
                + "trec_eval stops there.",
            fix: "Keep the best of each: evaluate and compare do it with --dedup.")
        return found.map { [$0] } ?? []
    }
}
