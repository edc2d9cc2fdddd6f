import ByteStrings
import InvertedIndex
import LearnedEncoder
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
        var answer = try answer(text, vector, options)
        if !answer.isExact { answer.notes.append(Approximation.note(answer)) }
        return answer
    }

    private func answer(_ text: String, _ vector: [QueryTerm]?, _ options: SearchOptions) throws -> SearchAnswer {
        let wanted = mode(options)
        if wanted == .bm25 { return try bm25(text, options, fallback: nil) }
        var learned: LearnedQuery
        switch try learnedQuery(text, vector, options) {
        case .made(let query): learned = query
        case .missing(let reason): return try bm25(text, options, fallback: reason)
        }
        learned.side += Approximation.tag(options, learned: true)
        var answer = try self.answer(text, learned, wanted, options)
        answer.cutTerms = learned.cutTerms
        answer.isTruncated = learned.isTruncated
        if learned.isTruncated { answer.notes.append(LearnedQuery.truncationNote) }
        return answer
    }

    private func answer(_ text: String, _ made: LearnedQuery, _ wanted: SearchMode, _ options: SearchOptions) throws
        -> SearchAnswer
    {
        let (query, side) = (made.query, made.side)
        if wanted == .fused { return try fused(text, query, side, options) }
        let start = ContinuousClock.now
        if wanted == .splade {
            let learned = try run(query, k: options.hits, text, options, Approximation.limits(options, start))
            return SearchAnswer(
                mode: .splade, isFallback: false, documents: Self.ranked(learned.hits), notes: [],
                tag: "apus-splade-\(side)", searches: [learned], learnedTerms: query.terms)
        }
        let (words, learned) = try lists(text, query, options, start)
        let fused = fuse(words, learned, options, k: options.hits)
        let documents = fused.enumerated().map { index, hit in
            RankedDocument(rank: index + 1, id: hit.id, score: hit.score, bm25: hit.bm25, learned: hit.learned)
        }
        return SearchAnswer(
            mode: .hybrid, isFallback: false, documents: documents, notes: [],
            tag: "apus-hybrid-\(side)-\(options.fusion.name)", searches: [words, learned], learnedTerms: query.terms)
    }

    /// The two lists that a hybrid answer fuses.
    func lists(_ text: String, _ learned: Query, _ options: SearchOptions, _ start: ContinuousClock.Instant) throws
        -> (words: SearchResult, learned: SearchResult)
    {
        let depth = max(options.hits, options.depth)
        let learned = try run(learned, k: depth, text, options, Approximation.limits(options, start, share: 0.5))
        let words = try run(
            wordQuery(text, options.bm25), k: depth, text, options, Approximation.limits(options, start))
        return (words, learned)
    }

    /// The `k` best of the two lists.
    func fuse(_ words: SearchResult, _ learned: SearchResult, _ options: SearchOptions, k: Int) -> [FusedHit] {
        options.fusion.fuse(
            bm25: words.hits.map { ($0.id, Double($0.score)) }, learned: learned.hits.map { ($0.id, Double($0.score)) },
            k: k)
    }

    /// The ranking that answers, unless BM25 stands in for it.
    func mode(_ options: SearchOptions) -> SearchMode { options.mode ?? (hasLearned ? .hybrid : .bm25) }

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
        let query = fusedQuery(text, learned, options)
        let result = try searched(options).search(
            query, k: options.hits, traversal: options.traversal,
            limits: Approximation.limits(options, ContinuousClock.now), threads: options.threads)
        if options.verify {
            try compare(result, try searched(options).search(query, k: options.hits, traversal: .exhaustive), text)
        }
        var documents = Self.ranked(result.hits)
        let boosted = try boosted(options)
        for index in documents.indices where options.hits <= 100 {
            guard let explanation = try boosted.explain(query, documentID: documents[index].id) else { continue }
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
        var places: [ByteString: Int] = [:]
        var terms: [QueryTerm] = []
        for term in analyzer.terms(in: text) {
            if let place = places[ByteString(term)] {
                terms[place].weight += 1
            } else {
                places[ByteString(term)] = terms.count
                terms.append(QueryTerm(term: term, weight: 1))
            }
        }
        return Query(field: .text, terms: terms, bm25: parameters)
    }

    /// The fused query of a text and its learned query.
    func fusedQuery(_ text: String, _ learned: Query, _ options: SearchOptions) -> FusedQuery {
        FusedQuery(
            text: wordQuery(text, options.bm25), learned: learned, weight: options.fusedWeight,
            scaling: options.fusedScaling)
    }

    /// The learned query of a text.
    /// - Throws: `EncoderError`.
    public func learnedQuery(_ text: String, _ encoder: SparseEncoder, _ side: QuerySide) throws -> LearnedQuery {
        let vector = try encoder.encodeQuery(text, side: side)
        let vocabulary = encoder.vocabulary
        let terms = zip(vector.terms, vector.weights).map { QueryTerm(term: vocabulary[Int($0)], weight: $1) }
        return LearnedQuery(
            query: Query(field: .learned, terms: terms), side: side.rawValue, isTruncated: vector.isTruncated)
    }

    /// The learned query as the options want it, or why BM25 has to stand in.
    func learnedQuery(_ text: String, _ vector: [QueryTerm]?, _ options: SearchOptions) throws
        -> LearnedQuery.Outcome
    {
        var made: LearnedQuery
        if let vector {
            made = LearnedQuery(query: Query(field: .learned, terms: vector), side: "vectors")
        } else {
            guard let encoder = try encoder() else { return .missing(reason: missingEncoder) }
            made = try learnedQuery(text, encoder, options.side ?? encoder.description.defaultQuerySide)
        }
        guard !made.query.terms.isEmpty else { return .missing(reason: "the query has no learned term") }
        made.cutTerms = options.queryTerms.map { made.query.keepHeaviest($0) } ?? 0
        return .made(made)
    }

    private func bm25(_ text: String, _ options: SearchOptions, fallback: String?) throws -> SearchAnswer {
        let result = try run(
            wordQuery(text, options.bm25), k: options.hits, text, options,
            Approximation.limits(options, ContinuousClock.now))
        return SearchAnswer(
            mode: .bm25, isFallback: fallback != nil, documents: Self.ranked(result.hits),
            notes: fallback.map { [Self.fallbackNote($0)] } ?? [],
            tag: (fallback == nil ? "apus-bm25" : "apus-bm25-fallback") + Approximation.tag(options, learned: false),
            searches: [result], learnedTerms: [])
    }

    static func fallbackNote(_ reason: String) -> String { "BM25 answered: \(reason)." }

    private func run(_ query: Query, k: Int, _ text: String, _ options: SearchOptions, _ limits: SearchLimits) throws
        -> SearchResult
    {
        let result = try searched(options).search(
            query, k: k, traversal: options.traversal, limits: limits, threads: options.threads)
        if options.verify {
            try compare(result, try searched(options).search(query, k: k, traversal: .exhaustive), text)
        }
        return result
    }

    /// Holds a result, and what its certificate claims, against exhaustive scoring.
    private func compare(_ result: SearchResult, _ oracle: SearchResult, _ text: String) throws {
        let certificate = result.certificate
        func fail(_ detail: String) -> ApusError {
            .notExact(query: text, traversal: certificate.traversal.rawValue, detail: detail)
        }
        if certificate.mode == .exact, !certificate.isExact { throw fail("its certificate does not prove it exact") }
        if let bound = certificate.unscoredBound, !certificate.isExact {
            // Whatever scores above the bound was scored, so it leads the hits.
            let above = oracle.hits.prefix { $0.rawScore > bound }.count
            guard above == certificate.exactHits else {
                throw fail("\(above) of the best score above its bound, its certificate says \(certificate.exactHits)")
            }
        }
        let proved = certificate.isExact ? max(result.hits.count, oracle.hits.count) : certificate.exactHits
        for index in 0..<proved {
            let found = index < result.hits.count ? result.hits[index] : nil
            let expected = index < oracle.hits.count ? oracle.hits[index] : nil
            guard found.map({ ByteString($0.id) }) == expected.map({ ByteString($0.id) }),
                found?.rawScore == expected?.rawScore
            else {
                throw fail(
                    "rank \(index + 1) is \(found?.id ?? "nothing"), exhaustive scoring says \(expected?.id ?? "nothing")"
                )
            }
        }
    }

    private static func ranked(_ hits: [Hit]) -> [RankedDocument] {
        hits.enumerated().map {
            RankedDocument(rank: $0 + 1, id: $1.id, score: Double($1.score), bm25: nil, learned: nil)
        }
    }
}
