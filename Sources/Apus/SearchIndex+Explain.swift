import ByteStrings
import InvertedIndex
import LearnedEncoder

/// One term's share in a document's score.
public struct TermShare: Sendable, Codable {
    /// The term as indexed.
    public var term: String
    /// Its weight in the query: the learned weight, or idf × occurrences.
    public var queryWeight: Double
    /// Its weight in the document: the impact, or BM25's saturated frequency.
    public var documentWeight: Double
    /// What it adds to the score.
    public var product: Double
    /// Whether the query's own text holds the term; false when the encoder added it.
    public var isTyped: Bool
}

/// Why a document scores as it does in one field.
public struct FieldExplanation: Sendable, Codable {
    /// `text` or `learned`.
    public var field: String
    /// The document's score in this field: the sum of the terms' products.
    public var score: Double
    /// What the field adds to the score of the answer: the score itself, or a share of it where two fields are fused.
    public var share: Double
    /// The document's place in the field's list of a hybrid answer; nil beyond its depth.
    public var rank: Int?
    /// What boosts multiply the score by; the terms' products have it in them. nil without boosts.
    public var boost: Double?
    /// Matching terms, largest share first.
    public var terms: [TermShare]
    /// Query terms that the document lacks.
    public var missing: [String]
}

/// Why a document scores as it does.
public struct ScoreExplanation: Sendable {
    /// The ranking that answers the query.
    public var mode: SearchMode
    /// The document's score in it: the sum of the fields' shares.
    public var score: Double
    /// What a reader should know: that BM25 stands in and why, that the query was cut.
    public var notes: [String]
    /// The fields that take part.
    public var fields: [FieldExplanation]
}

extension SearchIndex {
    /// Explains the score that a search with these options gives a document.
    ///
    /// In fused mode the terms are weighted as the fused score weights them, so that all products add up to it. A hybrid score depends on both lists,
    /// so these are searched.
    /// - Throws: ``ApusError/noDocument(id:index:)``, `IndexError`, `EncoderError`.
    public func explain(_ text: String, document id: String, _ options: SearchOptions) throws -> ScoreExplanation {
        guard snapshot.contains(id) else { throw ApusError.noDocument(id: id, index: directory) }
        var explanation = try explained(text, document: id, options)
        if let filter = options.filter, try !searched(options).contains(id) {
            explanation.notes.append("The filter '\(filter)' leaves this document out of every answer.")
        }
        return explanation
    }

    private func explained(_ text: String, document id: String, _ options: SearchOptions) throws -> ScoreExplanation {
        let words = wordQuery(text, options.bm25)
        func alone(_ mode: SearchMode, _ field: FieldExplanation, _ notes: [String]) -> ScoreExplanation {
            ScoreExplanation(mode: mode, score: field.score, notes: notes, fields: [field])
        }
        if mode(options) == .bm25 { return alone(.bm25, try explain(words, id, typed: nil, options), []) }
        let made: LearnedQuery
        switch try learnedQuery(text, nil, options) {
        case .made(let query): made = query
        case .missing(let reason):
            return alone(.bm25, try explain(words, id, typed: nil, options), [Self.fallbackNote(reason)])
        }
        var notes = made.isTruncated ? [LearnedQuery.truncationNote] : []
        if made.cutTerms > 0 { notes.append("\(made.cutTerms) light query terms were cut off.") }
        let typed = try typedTerms(text)
        switch mode(options) {
        case .fused:
            let fields = try explain(fusedQuery(text, made.query, options), id, typed, options)
            return ScoreExplanation(
                mode: .fused, score: fields.reduce(0) { $0 + $1.share }, notes: notes, fields: fields)
        case .hybrid:
            var fields = [
                try explain(words, id, typed: nil, options), try explain(made.query, id, typed: typed, options),
            ]
            let lists = try lists(text, made.query, options, .now)
            let hit = fuse(lists.words, lists.learned, options, k: .max).first { ByteString($0.id) == ByteString(id) }
            (fields[0].rank, fields[0].share) = (hit?.bm25?.rank, hit?.parts.bm25 ?? 0)
            (fields[1].rank, fields[1].share) = (hit?.learned?.rank, hit?.parts.learned ?? 0)
            return ScoreExplanation(mode: .hybrid, score: hit?.score ?? 0, notes: notes, fields: fields)
        default:
            return alone(.splade, try explain(made.query, id, typed: typed, options), notes)
        }
    }

    private func typedTerms(_ text: String) throws -> Set<ByteString> {
        guard let encoder = try encoder() else { return [] }
        let vocabulary = encoder.vocabulary
        return Set(encoder.typedTerms(text).map { ByteString(vocabulary[Int($0)]) })
    }

    private func explain(
        _ query: Query, _ id: String, typed: Set<ByteString>?, _ options: SearchOptions
    ) throws -> FieldExplanation {
        guard let found = try boosted(options).explain(query, documentID: id) else {
            throw ApusError.noDocument(id: id, index: directory)
        }
        var explanation = Self.explanation(query, found.terms, score: found.score, typed: typed)
        if !options.boosts.isEmpty { explanation.boost = found.factor }
        return explanation
    }

    private func explain(
        _ query: FusedQuery, _ id: String, _ typed: Set<ByteString>, _ options: SearchOptions
    ) throws -> [FieldExplanation] {
        guard let found = try boosted(options).explain(query, documentID: id) else {
            throw ApusError.noDocument(id: id, index: directory)
        }
        return [(query.text, nil), (query.learned, typed)].map { part, typed in
            let terms = found.terms.filter { $0.field == part.field }
            var explanation = Self.explanation(
                part, terms, score: terms.reduce(0) { $0 + $1.contribution }, typed: typed)
            if !options.boosts.isEmpty { explanation.boost = found.factor }
            return explanation
        }
    }

    private static func explanation(
        _ query: Query, _ found: [TermExplanation], score: Double, typed: Set<ByteString>?
    ) -> FieldExplanation {
        let shares = found.map { term in
            TermShare(
                term: term.term, queryWeight: term.queryWeight, documentWeight: term.documentWeight,
                product: term.contribution, isTyped: typed?.contains(ByteString(term.term)) ?? true)
        }
        let matched = Set(shares.map { ByteString($0.term) })
        return FieldExplanation(
            field: query.field.rawValue, score: score, share: score, rank: nil,
            terms: shares.sorted { $0.product > $1.product },
            missing: query.terms.map(\.term).filter { !matched.contains(ByteString($0)) })
    }
}
