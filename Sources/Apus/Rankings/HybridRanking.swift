import ByteStrings
import InvertedIndex

/// Two lists, one by BM25 and one by learned terms, each some depth long, fused.
struct HybridRanking: Ranking {
    static let mode = SearchMode(of: "hybrid")
    static let needsLearnedTerms = true
    static let isOneTraversal = false

    let options: SearchOptions
    init(_ options: SearchOptions) { self.options = options }

    var summary: String {
        let fusion =
            switch options.fusion {
            case .reciprocalRank(let k): "rrf k \(k)"
            case .minMax(let weight): "minmax weight \(weight)"
            }
        return summary(["\(bm25Summary), \(fusion), depth \(options.depth)"])
    }

    func tag(of query: RankingQuery) -> String { "apus-hybrid-\(learnedTag(query))-\(options.fusion.name)" }

    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        let lists = try lists(query, index)
        var documents = fuse(lists, k: options.hits)
        // The places in both lists say the same, and are the receipt.
        for place in documents.indices { documents[place].parts = nil }
        return RankedList(documents: documents, searches: [lists.words, lists.learned])
    }

    /// The score depends on both lists, so these are searched.
    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        let words = index.wordQuery(query.text, options.bm25)
        let typed = try index.typedTerms(query.text)
        var fields = [
            try index.explain(words, id, typed: nil, options),
            try index.explain(query.learnedTerms, id, typed: typed, options),
        ]
        let hit = fuse(try lists(query, index), k: .max).first { ByteString($0.id) == ByteString(id) }
        (fields[0].rank, fields[0].share) = (hit?.bm25?.rank, hit?.parts?.bm25 ?? 0)
        (fields[1].rank, fields[1].share) = (hit?.learned?.rank, hit?.parts?.learned ?? 0)
        return ScoreExplanation(mode: Self.mode, score: hit?.score ?? 0, fields: fields)
    }

    /// The learned list gets the first half of the time.
    private func lists(_ query: RankingQuery, _ index: SearchIndex) throws -> (
        words: SearchResult, learned: SearchResult
    ) {
        let start = ContinuousClock.now
        let depth = max(options.hits, options.depth)
        let learned = try index.run(
            query.learnedTerms, k: depth, query.text, options, Approximation.limits(options, start, share: 0.5))
        let words = try index.run(
            index.wordQuery(query.text, options.bm25), k: depth, query.text, options,
            Approximation.limits(options, start))
        return (words, learned)
    }

    private func fuse(_ lists: (words: SearchResult, learned: SearchResult), k: Int) -> [RankedDocument] {
        options.fusion.fuse(
            bm25: lists.words.hits.map { ($0.id, $0.score) }, learned: lists.learned.hits.map { ($0.id, $0.score) },
            k: k)
    }
}

extension SearchMode {
    /// Two lists, fused.
    public static let hybrid = HybridRanking.mode
}
