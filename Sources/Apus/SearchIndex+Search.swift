import InvertedIndex
import SparseEncoder
import TextAnalysis

extension SearchIndex {
    /// Answers one query.
    ///
    /// When the encoder is missing, or a query has no learned term, BM25 answers; the notes and the tag say so.
    /// - Parameter vector: The learned query when it was computed elsewhere; nil encodes the text.
    /// - Throws: `IndexError`, `EncoderError` or ``ApusError``.
    public func search(
        _ text: String, vector: [QueryTerm]? = nil, _ options: SearchOptions = SearchOptions()
    ) throws -> SearchAnswer {
        let wanted = options.mode ?? (hasLearned ? .hybrid : .bm25)
        if wanted == .bm25 { return try bm25(text, options, fallback: nil) }
        var query: Query
        var side: String
        if let vector {
            query = Query(field: .learned, terms: vector)
            side = "vectors"
        } else {
            guard let encoder = try encoder() else { return try bm25(text, options, fallback: missingEncoder) }
            let chosen = options.side ?? encoder.description.defaultQuerySide
            query = try learnedQuery(text, encoder, chosen)
            side = chosen.rawValue
        }
        guard !query.terms.isEmpty else { return try bm25(text, options, fallback: "the query has no learned term") }
        if let limit = options.queryTerms, query.terms.count > limit {
            query.terms.sort { ($0.weight, $1.term) > ($1.weight, $0.term) }
            query.terms.removeSubrange(limit...)
        }
        if let limit = options.queryTerms { side += "-approximate(terms=\(limit))" }
        if wanted == .fused { return try fused(text, query, side, options) }
        let depth = wanted == .hybrid ? max(options.hits, options.depth) : options.hits
        let learned = try run(query, k: depth, text, options)
        if wanted == .splade {
            return SearchAnswer(
                mode: .splade, isFallback: false, documents: Self.ranked(learned.hits), notes: [],
                tag: "apus-splade-\(side)", searches: [learned], learnedTerms: query.terms)
        }
        let words = try run(wordQuery(text, options.bm25), k: depth, text, options)
        let fused = options.fusion.fuse(
            bm25: words.hits.map { ($0.id, Double($0.score)) }, learned: learned.hits.map { ($0.id, Double($0.score)) },
            k: options.hits)
        let documents = fused.enumerated().map { index, hit in
            RankedDocument(rank: index + 1, id: hit.id, score: hit.score, bm25: hit.bm25, learned: hit.learned)
        }
        return SearchAnswer(
            mode: .hybrid, isFallback: false, documents: documents, notes: [],
            tag: "apus-hybrid-\(side)-\(options.fusion.name)", searches: [words, learned], learnedTerms: query.terms)
    }

    private var missingEncoder: String {
        switch settings.model {
        case .none: "the index was built without a model"
        case .vectors: "the index holds imported vectors; give the query's with --query-vectors"
        default: "the model '\(settings.model.name)' is missing"
        }
    }

    private func fused(_ text: String, _ learned: Query, _ side: String, _ options: SearchOptions) throws
        -> SearchAnswer
    {
        let query = FusedQuery(
            text: wordQuery(text, options.bm25), learned: learned, weight: options.fusedWeight,
            scaling: options.fusedScaling)
        let result = try snapshot.search(query, k: options.hits, traversal: options.traversal)
        if options.verify {
            try compare(result, try snapshot.search(query, k: options.hits, traversal: .exhaustive), text, options)
        }
        var documents = Self.ranked(result.hits)
        for index in documents.indices where options.hits <= 100 {
            guard let explanation = try snapshot.explain(query, documentID: documents[index].id) else { continue }
            var parts = ScoreParts(bm25: 0, learned: 0)
            for term in explanation.terms {
                if term.field == .text { parts.bm25 += term.contribution } else { parts.learned += term.contribution }
            }
            documents[index].parts = parts
        }
        return SearchAnswer(
            mode: .fused, isFallback: false, documents: documents, notes: [],
            tag: "apus-fused-\(side)-\(query.scaling.rawValue)(w=\(query.weight.formatted))", searches: [result],
            learnedTerms: learned.terms)
    }

    /// The BM25 query of a text: each distinct analysed word, weighted by how often it occurs.
    public func wordQuery(_ text: String, _ parameters: BM25Parameters) -> Query {
        var order: [String] = []
        var counts: [String: Int] = [:]
        for term in analyzer.terms(in: text) {
            if counts[term] == nil { order.append(term) }
            counts[term, default: 0] += 1
        }
        let terms = order.map { QueryTerm(term: $0, weight: Float(counts[$0] ?? 0)) }
        return Query(field: .text, terms: terms, bm25: parameters)
    }

    /// The learned query of a text.
    /// - Throws: `EncoderError`.
    public func learnedQuery(_ text: String, _ encoder: SparseEncoder, _ side: QuerySide) throws -> Query {
        let vector = try encoder.encodeQuery(text, side: side)
        let vocabulary = encoder.vocabulary
        let terms = zip(vector.terms, vector.weights).map { QueryTerm(term: vocabulary[Int($0)], weight: $1) }
        return Query(field: .learned, terms: terms, bm25: BM25Parameters())
    }

    private func bm25(_ text: String, _ options: SearchOptions, fallback: String?) throws -> SearchAnswer {
        let result = try run(wordQuery(text, options.bm25), k: options.hits, text, options)
        return SearchAnswer(
            mode: .bm25, isFallback: fallback != nil, documents: Self.ranked(result.hits),
            notes: fallback.map { ["BM25 answered: \($0)."] } ?? [],
            tag: fallback == nil ? "apus-bm25" : "apus-bm25-fallback", searches: [result], learnedTerms: [])
    }

    private func run(_ query: Query, k: Int, _ text: String, _ options: SearchOptions) throws -> SearchResult {
        let result = try snapshot.search(query, k: k, traversal: options.traversal)
        if options.verify {
            try compare(result, try snapshot.search(query, k: k, traversal: .exhaustive), text, options)
        }
        return result
    }

    private func compare(_ result: SearchResult, _ oracle: SearchResult, _ text: String, _ options: SearchOptions)
        throws
    {
        for index in 0..<max(result.hits.count, oracle.hits.count) {
            let found = index < result.hits.count ? result.hits[index] : nil
            let expected = index < oracle.hits.count ? oracle.hits[index] : nil
            guard found?.id == expected?.id, found?.rawScore == expected?.rawScore else {
                let name = expected?.id ?? "nothing"
                throw ApusError.notExact(
                    query: text, traversal: options.traversal.rawValue,
                    detail: "rank \(index + 1) is \(found?.id ?? "nothing"), exhaustive scoring says \(name)")
            }
        }
    }

    private static func ranked(_ hits: [Hit]) -> [RankedDocument] {
        hits.enumerated().map {
            RankedDocument(rank: $0 + 1, id: $1.id, score: Double($1.score), bm25: nil, learned: nil)
        }
    }
}
