import ByteStrings
import CorpusFormats
public import InvertedIndex
public import LearnedEncoder
import TextAnalysis

extension SearchIndex {
    /// Answers one query.
    ///
    /// When the encoder is missing, or a query has no learned term, BM25 answers; the notes and the tag say so.
    /// - Parameters:
    ///   - vector: The learned query when it was computed elsewhere; nil encodes the text.
    ///   - topic: The query's id in the runs of the options.
    /// - Throws: `IndexError`, `EncoderError` or ``ApusError``.
    public func search(
        _ text: String, vector: [QueryTerm]? = nil, _ options: SearchOptions = SearchOptions(), topic: String? = nil
    ) throws -> SearchAnswer {
        let (ranking, query) = try prepare(text, vector, options, topic: topic)
        return try ranking.answer(query, in: self)
    }

    /// As ``search(_:vector:_:topic:)``, with the vector that this index's own encoder made of the text, perhaps together with others.
    package func search(
        _ text: String, vector: [QueryTerm]?, encoded: SparseVector?, _ options: SearchOptions
    ) throws -> SearchAnswer {
        let (ranking, query) = try prepare(text, vector, options, encoded: encoded)
        return try ranking.answer(query, in: self)
    }

    /// The vector of a text for a search with these options, so that those of one text share it; nil where the mode needs none, or the
    /// encoder is missing.
    func encoded(_ text: String, _ options: SearchOptions) throws -> SparseVector? {
        guard mode(options).needsLearnedTerms, let encoder = try encoder() else { return nil }
        return try encoder.encodeQuery(text, side: options.side ?? encoder.description.defaultQuerySide)
    }

    /// The ranking that these options ask for, of this index.
    package func modeInForce(_ options: SearchOptions) -> SearchMode { mode(options) }

    /// The answer with each document's title and text.
    /// - Throws: `IndexError` when a text is not what was written.
    public func withTexts(_ answer: SearchAnswer) throws -> SearchAnswer {
        withTexts(answer, try documents.documents(answer.documents.map(\.id)))
    }

    /// The answer with each document's title, its text and the part of that which scored.
    /// - Parameter text: The query.
    /// - Throws: As ``withTexts(_:)`` and ``snippets(_:_:_:_:length:)``.
    public func withSnippets(_ answer: SearchAnswer, of text: String, _ options: SearchOptions) throws -> SearchAnswer {
        let stored = try documents.documents(answer.documents.map(\.id))
        let snippets = try snippets(text, answer, stored, options)
        var answer = withTexts(answer, stored)
        for (place, snippet) in snippets.enumerated() { answer.documents[place].snippet = snippet }
        return answer
    }

    private func withTexts(_ answer: SearchAnswer, _ stored: [ByteString: CorpusDocument]) -> SearchAnswer {
        var answer = answer
        for place in answer.documents.indices {
            let found = stored[ByteString(answer.documents[place].id)]
            (answer.documents[place].title, answer.documents[place].text) = (found?.title, found?.text)
            if let passage = answer.documents[place].passage, let found {
                answer.documents[place].passage = passage.with(found.content)
            }
        }
        return answer
    }

    /// The ranking that answers, and the query as it wants it.
    func prepare(
        _ text: String, _ vector: [QueryTerm]?, _ options: SearchOptions, topic: String? = nil,
        encoded: SparseVector? = nil
    ) throws -> (any Ranking, RankingQuery) {
        var options = options
        options.topic = topic
        let (ranking, query) = try plain(text, vector, options.resolved(by: settings), topic, encoded)
        guard let feedback = options.feedback else { return (ranking, query) }
        return (ranking, try expanded(query, ranking, feedback))
    }

    private func plain(
        _ text: String, _ vector: [QueryTerm]?, _ options: SearchOptions, _ topic: String?, _ encoded: SparseVector?
    ) throws -> (any Ranking, RankingQuery) {
        let mode = mode(options)
        var query = RankingQuery(text: text, topic: topic)
        guard mode.needsLearnedTerms else { return (options.ranking(mode), query) }
        switch try learnedQuery(text, vector, options, encoded) {
        case .made(let learned):
            query.learned = learned
            return (options.ranking(mode), query)
        case .missing where mode == .hybrid && !options.runs.isEmpty:
            return (options.ranking(mode), query)
        case .missing(let reason):
            query.fallback = reason
            return (BM25Ranking(options), query)
        }
    }

    /// The ranking asked for; BM25 may stand in for it.
    func mode(_ options: SearchOptions) -> SearchMode {
        options.mode ?? (hasLearned || !options.runs.isEmpty ? .hybrid : .bm25)
    }

    /// Runs one traversal, and replays it exhaustively where the options ask for it.
    func run(
        _ query: some TraversedQuery, k: Int, _ text: String, _ options: SearchOptions, _ limits: SearchLimits
    ) throws -> SearchResult {
        if let topic = options.topic, let gathered = options.gathered {
            return gathered.lists(of: topic).result(query.searchedField, k: k)
        }
        try checkStatistics(query.parts)
        let snapshot = try searched(options)
        let least = options.topic.flatMap { options.least?.lists(of: $0).least(query.searchedField, k: k) } ?? 0
        let result = try query.search(
            snapshot, k: k, traversal: options.traversal, limits: limits, threads: options.threads, least: least)
        try checkOwners(result.hits)
        if options.verify {
            let oracle = try query.search(
                snapshot, k: k, traversal: .exhaustive, limits: SearchLimits(), threads: 1, least: least)
            try ExactnessCheck(query: text).compare(result, with: oracle)
        }
        return result
    }

    private var missingEncoder: String {
        switch settings.model {
        case .none: "the index was built without a model"
        case .vectors: "the index holds imported vectors; give the query's with --query-vectors"
        default: "the model '\(settings.model.name)' is missing"
        }
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
    func fusedQuery(_ words: Query, _ learned: Query, _ options: SearchOptions) -> FusedQuery {
        FusedQuery(
            text: words, learned: learned, weight: options.fusedWeight,
            scaling: options.fusedScaling)
    }

    /// The learned query of a text.
    /// - Parameter idfPower: The power of idf that multiplies its weights; nil takes the index's.
    /// - Throws: `EncoderError`.
    public func learnedQuery(
        _ text: String, _ encoder: SparseEncoder, _ side: QuerySide, idfPower: Double? = nil
    ) throws -> LearnedQuery {
        learnedQuery(try encoder.encodeQuery(text, side: side), encoder, side, idfPower: idfPower)
    }

    private func learnedQuery(
        _ vector: SparseVector, _ encoder: SparseEncoder, _ side: QuerySide, idfPower: Double?
    ) -> LearnedQuery {
        let vocabulary = encoder.vocabulary
        let terms = zip(vector.terms, vector.weights).map { QueryTerm(term: vocabulary[Int($0)], weight: $1) }
        return LearnedQuery(
            query: weighted(terms, idfPower), side: side.rawValue, weighting: weightingTag(idfPower),
            isTruncated: vector.isTruncated)
    }

    /// Learned terms as the index weights them.
    /// - Parameter idfPower: nil takes the index's.
    func weighted(_ terms: [QueryTerm], _ idfPower: Double?) -> Query {
        Query(field: .learned, terms: terms, idfPower: idfPower ?? settings.idfPower)
    }

    /// How the index weights learned terms, as part of a run tag; nothing where it does not.
    private func weightingTag(_ idfPower: Double?) -> String {
        let idf = idfPower ?? settings.idfPower
        return (idf == 0 ? "" : "-idf\(idf.formatted)") + (snapshot.norms.map { "-norm\($0.power.formatted)" } ?? "")
    }

    /// The learned query as the options want it, or why BM25 has to stand in.
    func learnedQuery(
        _ text: String, _ vector: [QueryTerm]?, _ options: SearchOptions, _ encoded: SparseVector? = nil
    ) throws -> LearnedQuery.Outcome {
        var made: LearnedQuery
        if let vector {
            made = LearnedQuery(
                query: weighted(vector, options.idfPower), side: "vectors", weighting: weightingTag(options.idfPower))
        } else {
            guard let encoder = try encoder() else { return .missing(reason: missingEncoder) }
            let side = options.side ?? encoder.description.defaultQuerySide
            made = learnedQuery(
                try encoded ?? encoder.encodeQuery(text, side: side), encoder, side, idfPower: options.idfPower)
        }
        guard !made.query.terms.isEmpty else { return .missing(reason: "the query has no learned term") }
        made.cutTerms = try options.queryTerms.map { try made.query.keepHeaviest($0, in: snapshot) } ?? 0
        return .made(made)
    }
}
