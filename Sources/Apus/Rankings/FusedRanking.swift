import InvertedIndex

/// BM25 and learned terms in one traversal: the exact best by the weighted sum of the two scores.
struct FusedRanking: Ranking {
    static let mode = SearchMode(of: "fused")
    static let needsLearnedTerms = true
    static let isOneTraversal = true
    /// Answers longer than this go without the two summands of each score.
    private static let mostParts = 100

    let options: SearchOptions
    init(_ options: SearchOptions) { self.options = options }

    var summary: String {
        summary(
            ["\(bm25Summary), weight \(options.fusedWeight), scaling \(options.fusedScaling.rawValue)"], orElse: "exact"
        )
    }

    func tag(of query: RankingQuery) -> String {
        "apus-fused\(bm25Tag)-\(learnedTag(query))-\(options.fusedScaling.rawValue)(w=\(options.fusedWeight.formatted))"
    }

    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        let fused = index.fusedQuery(query.wordQuery(in: index, options), query.learnedTerms, options)
        var list = RankedList(
            try index.run(fused, k: options.hits, query.text, options, Approximation.limits(options, .now)))
        let boosted = try index.boosted(options)
        for place in list.documents.indices where options.hits <= Self.mostParts {
            let found = try boosted.explain(fused, documentID: list.documents[place].id)
            guard let found else { continue }
            var parts = ScoreParts(bm25: 0, learned: 0)
            for term in found.terms {
                if term.field == .text { parts.bm25 += term.contribution } else { parts.learned += term.contribution }
            }
            list.documents[place].parts = parts
        }
        return list
    }

    /// The terms are weighted as the fused score weights them, so that all products add up to it.
    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        let fused = index.fusedQuery(query.wordQuery(in: index, options), query.learnedTerms, options)
        let fields = try index.explain(fused, id, typed: index.typedTerms(query.text), options)
        return ScoreExplanation(mode: Self.mode, score: fields.reduce(0) { $0 + $1.share }, fields: fields)
    }
}

extension SearchMode {
    /// Both fields in one traversal.
    public static let fused = FusedRanking.mode
}
