import InvertedIndex

/// BM25 over words; it also stands in where a query has no learned terms.
struct BM25Ranking: Ranking {
    static let mode = SearchMode(of: "bm25")
    static let needsLearnedTerms = false
    static let isOneTraversal = false

    let options: SearchOptions
    init(_ options: SearchOptions) { self.options = options }

    var summary: String { summary([bm25Summary]) }

    func tag(of query: RankingQuery) -> String {
        "apus-bm25\(bm25Tag)" + (query.fallback == nil ? "" : "-fallback") + feedbackTag
            + Approximation.tag(options, learned: false)
    }

    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        let words = query.wordQuery(in: index, options)
        return RankedList(
            try index.run(words, k: options.hits, query.text, options, Approximation.limits(options, .now)))
    }

    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        ScoreExplanation(
            mode: Self.mode, of: try index.explain(query.wordQuery(in: index, options), id, typed: nil, options))
    }
}

extension SearchMode {
    /// BM25 over words.
    public static let bm25 = BM25Ranking.mode
}
