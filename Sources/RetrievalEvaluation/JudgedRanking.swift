import ByteStrings

/// The grades of one query's ranking, in rank order, with what the measures need to know about the query.
struct JudgedRanking {
    /// The grade of a document that is not in the qrels.
    static let notInPool = -1
    /// The grade of a document that is in the qrels with a negative grade.
    static let unjudged = -2

    /// Grade by rank; ``notInPool`` and ``unjudged`` are negative, so they are relevant at no level.
    let grades: [Int]
    /// The same without documents that have no judgement.
    let judgedGrades: ArraySlice<Int>
    /// The positive grades of the qrels, highest first: the best ranking there is.
    let ideal: [Int]
    private let judged: [Int]

    init(_ ranking: [ScoredDocument], judgements: [ByteString: Int], needsJudged: Bool = true) {
        let grades = ranking.map { document in
            guard let grade = judgements[ByteString(document.id)] else { return JudgedRanking.notInPool }
            return grade < 0 ? JudgedRanking.unjudged : grade
        }
        self.grades = grades
        judgedGrades = needsJudged ? grades.filter { $0 >= 0 }[...] : []
        judged = judgements.values.filter { $0 >= 0 }
        ideal = judged.filter { $0 > 0 }.sorted(by: >)
    }

    /// The number of documents in the qrels with at least this grade.
    func relevant(at level: Int) -> Int { judged.count { $0 >= level } }

    /// The number of documents in the qrels that are judged, but below this grade.
    func notRelevant(at level: Int) -> Int { judged.count { $0 < level } }
}
