import InvertedIndex

/// The learned sparse field alone; which of the model's query sides makes the terms is ``SearchOptions/side``.
struct LearnedRanking: Ranking {
    static let mode = SearchMode(of: "splade")
    static let needsLearnedTerms = true
    static let isOneTraversal = true

    let options: SearchOptions
    init(_ options: SearchOptions) { self.options = options }

    var summary: String { summary([], orElse: "exact") }

    func tag(of query: RankingQuery) -> String { "apus-splade-\(learnedTag(query))" }

    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        RankedList(
            try index.run(
                query.learnedTerms, k: options.hits, query.text, options, Approximation.limits(options, .now)))
    }

    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        ScoreExplanation(
            mode: Self.mode, of: try index.explain(query.learnedTerms, id, typed: index.typedTerms(query.text), options)
        )
    }
}

extension SearchMode {
    /// The learned sparse field alone.
    public static let splade = LearnedRanking.mode
}
