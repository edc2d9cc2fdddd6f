import ByteStrings
import InvertedIndex
import RetrievalEvaluation

/// Two lists, one by BM25 and one by learned terms, each some depth long, fused.
struct HybridRanking: Ranking {
    static let mode = SearchMode(of: "hybrid")
    static let needsLearnedTerms = true
    static let isOneTraversal = false

    let options: SearchOptions
    init(_ options: SearchOptions) { self.options = options }

    var summary: String {
        let runs = options.runs.isEmpty ? "" : " with " + options.runs.map(\.tag).joined(separator: ", ")
        return summary(["\(bm25Summary), \(options.fusionInForce.name)\(runs), depth \(options.depth)"])
    }

    func tag(of query: RankingQuery) -> String {
        "apus-hybrid\(bm25Tag)-\(learnedTag(query))-\(options.fusionInForce.name)"
            + options.runs.map { "+\($0.tag)" }.joined()
    }

    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList {
        let (lists, searches) = try lists(query, index)
        var documents = options.fusionInForce.fuse(lists, k: options.hits)
        // The places in both lists say the same, and are the receipt.
        for place in documents.indices { documents[place].parts = nil }
        return RankedList(documents: documents, searches: searches)
    }

    /// The score depends on both lists, so these are searched.
    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation {
        let words = query.wordQuery(in: index, options)
        let typed = try index.typedTerms(query.text)
        var fields = [
            try index.explain(words, id, typed: nil, options),
            try index.explain(query.learnedTerms, id, typed: typed, options),
        ]
        let hit = options.fusionInForce.fuse(try lists(query, index).lists, k: .max).first {
            ByteString($0.id) == ByteString(id)
        }
        (fields[0].rank, fields[0].share) = (hit?.bm25?.rank, hit?.parts?.bm25 ?? 0)
        (fields[1].rank, fields[1].share) = (hit?.learned?.rank, hit?.parts?.learned ?? 0)
        return ScoreExplanation(mode: Self.mode, score: hit?.score ?? 0, fields: fields)
    }

    /// The learned list gets the first half of the time.
    private func lists(_ query: RankingQuery, _ index: SearchIndex) throws -> (
        lists: FusedLists, searches: [SearchResult]
    ) {
        let start = ContinuousClock.now
        let depth = max(options.hits, options.depth)
        let learned = try index.run(
            query.learnedTerms, k: depth, query.text, options, Approximation.limits(options, start, share: 0.5))
        let wordQuery = query.wordQuery(in: index, options)
        let words = try index.run(wordQuery, k: depth, query.text, options, Approximation.limits(options, start))
        func list(_ result: SearchResult) -> [ScoredDocument] {
            result.hits.map { ScoredDocument(id: $0.id, score: $0.score) }
        }
        var lists = FusedLists(bm25: list(words), learned: list(learned))
        var others: [(ByteString, DocumentPlace)] = []
        let snapshot =
            options.runs.isEmpty && options.fusionInForce.missing != .exact ? nil : try index.searched(options)
        for run in options.runs {
            guard let snapshot, let topic = query.topic else { continue }
            var ranking: [ScoredDocument] = []
            for document in run[ByteString(topic)] {
                guard let place = snapshot.place(of: document.id) else { continue }
                ranking.append(document)
                others.append((ByteString(document.id), place))
            }
            lists.runs.append((run.tag, ranking))
        }
        if options.fusionInForce.missing == .exact, let snapshot {
            let completion = try ListCompletion(
                snapshot, words: (wordQuery, words.hits), learned: (query.learnedTerms, learned.hits), others: others)
            lists.completion = { completion($0, $1) }
        }
        return (lists, [words, learned])
    }
}

extension SearchMode {
    /// Two lists, fused.
    public static let hybrid = HybridRanking.mode
}
