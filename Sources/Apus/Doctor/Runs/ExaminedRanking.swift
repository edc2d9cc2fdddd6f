import RetrievalEvaluation

/// One query's results as a file has them: 24 bytes each.
struct ExaminedRanking: Sendable {
    let query: String
    private(set) var lines: [UInt32] = []
    private(set) var documents: [UInt64] = []
    private(set) var scores: [Double] = []
    /// Not a number where there is none.
    private(set) var ranks: [Float] = []

    init(query: String) { self.query = query }

    mutating func append(document: UInt64, score: Double, rank: Double?, line: Int) {
        documents.append(document)
        scores.append(score)
        ranks.append(rank.map { Float($0) } ?? .nan)
        lines.append(UInt32(clamping: line))
    }

    var count: Int { lines.count }

    /// The places by score, the highest first; what is not a number stands last.
    var byScore: [Int] {
        lines.indices.sorted { first, second in
            let (a, b) = (scores[first], scores[second])
            if a.isNaN || b.isNaN { return !a.isNaN && b.isNaN }
            return a > b
        }
    }

    /// The places by rank, the smallest first, as they stand among equals.
    var byRank: [Int] { lines.indices.sorted { (ranks[$0], lines[$0]) < (ranks[$1], lines[$1]) } }

    func example(_ place: Int, _ detail: String) -> DoctorReport.Example {
        .init(line: Int(lines[place]), id: query, detail)
    }
}

/// Looks at rankings one after the other, and says what was found in the end.
protocol RankingCheck {
    mutating func visit(_ ranking: ExaminedRanking)
    func findings(in path: String) -> [DoctorReport.Finding]
}
