import InvertedIndex

/// The learned sparse field alone; which of the model's query sides makes the terms is ``SearchOptions/side``.
public struct LearnedRanking: Ranking {
    public static let mode = SearchMode(of: "splade")
    public static let needsLearnedTerms = true
    public static let isOneTraversal = true

    public let options: SearchOptions
    public init(_ options: SearchOptions) { self.options = options }

    public var summary: String { summary([], orElse: "exact") }

    public func tag(of query: RankingQuery) -> String { "apus-splade-\(learnedTag(query))" }

    public func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        RankedList(
            try index.run(
                query.learnedTerms, k: options.hits, query.text, options, Approximation.limits(options, .now)))
    }

    public func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        ScoreExplanation(
            mode: Self.mode, of: try index.explain(query.learnedTerms, id, typed: index.typedTerms(query.text)))
    }
}

extension SearchMode {
    /// The learned sparse field alone.
    public static let splade = LearnedRanking.mode
}
