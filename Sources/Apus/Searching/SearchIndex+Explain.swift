import ByteStrings
public import InvertedIndex
import LearnedEncoder

extension SearchIndex {
    /// Explains the score that a search with these options gives a document.
    ///
    /// In fused mode the terms are weighted as the fused score weights them, so that all products add up to it. A hybrid score depends on
    /// both lists, so these are searched.
    /// - Parameter vector: The learned query when it was computed elsewhere; nil encodes the text.
    /// - Throws: ``ApusError/noDocument(id:index:)``, `IndexError`, `EncoderError`.
    public func explain(
        _ text: String, vector: [QueryTerm]? = nil, document id: String, _ options: SearchOptions
    ) throws -> ScoreExplanation {
        try explain(text, vector: vector, encoded: nil, document: id, options)
    }

    /// As ``explain(_:vector:document:_:)``, with the vector that this index's own encoder made of the text.
    package func explain(
        _ text: String, vector: [QueryTerm]?, encoded: SparseVector?, document id: String, _ options: SearchOptions
    ) throws -> ScoreExplanation {
        guard snapshot.contains(id) else { throw ApusError.noDocument(id: id, index: directory) }
        let (ranking, query) = try prepare(text, vector, options, encoded: encoded)
        var explanation = try ranking.explain(query, document: id, in: self)
        explanation.notes = query.notes
        for lent in query.feedback?.terms ?? [] where lent.before == 0 {
            for field in explanation.fields.indices where explanation.fields[field].field == lent.field {
                for term in explanation.fields[field].terms.indices
                where ByteString(explanation.fields[field].terms[term].term) == ByteString(lent.term) {
                    explanation.fields[field].terms[term].isLent = true
                    explanation.fields[field].terms[term].isTyped = false
                }
            }
        }
        if let passage = try bestPassage(query.learnedTerms, id) {
            explanation.passage = passage
            explanation.notes.append(passage.note)
        }
        if let cut = query.learned?.cutTerms, cut > 0 {
            explanation.notes.append("\(cut) light query terms were cut off.")
        }
        if let filter = options.filter, try !searched(options).contains(id) {
            explanation.notes.append("The filter '\(filter)' leaves this document out of every answer.")
        }
        return explanation
    }

    /// The terms that the text itself holds, before the encoder adds others.
    package func typedTerms(_ text: String) throws -> Set<ByteString> {
        guard let encoder = try encoder() else { return [] }
        let vocabulary = encoder.vocabulary
        return Set(encoder.typedTerms(text).map { ByteString(vocabulary[Int($0)]) })
    }

    func explain(
        _ query: Query, _ id: String, typed: Set<ByteString>?, _ options: SearchOptions
    ) throws -> FieldExplanation {
        guard let found = try boosted(options).explain(query, documentID: id) else {
            throw ApusError.noDocument(id: id, index: directory)
        }
        var explanation = Self.explanation(query, found.terms, found.elsewhere, score: found.score, typed: typed)
        if !options.boosts.isEmpty { explanation.boost = found.factor }
        return explanation
    }

    func explain(
        _ query: FusedQuery, _ id: String, typed: Set<ByteString>, _ options: SearchOptions
    ) throws -> [FieldExplanation] {
        guard let found = try boosted(options).explain(query, documentID: id) else {
            throw ApusError.noDocument(id: id, index: directory)
        }
        return [(query.text, nil), (query.learned, typed)].map { part, typed in
            let terms = found.terms.filter { $0.field == part.field }
            var explanation = Self.explanation(
                part, terms, part.field == .learned ? found.elsewhere : [],
                score: terms.reduce(0) { $0 + $1.contribution }, typed: typed)
            if !options.boosts.isEmpty { explanation.boost = found.factor }
            return explanation
        }
    }

    private static func explanation(
        _ query: Query, _ found: [TermExplanation], _ elsewhere: [String], score: Double, typed: Set<ByteString>?
    ) -> FieldExplanation {
        let shares = found.map { term in
            TermShare(
                term: term.term, queryWeight: term.queryWeight,
                idfFactor: query.field == .learned && query.idfPower != 0 ? term.idfFactor : nil,
                documentWeight: term.documentWeight, product: term.contribution,
                isTyped: typed?.contains(ByteString(term.term)) ?? true)
        }
        let known = Set((shares.map(\.term) + elsewhere).map { ByteString($0) })
        return FieldExplanation(
            field: query.field.rawValue, score: score, share: score, rank: nil,
            terms: shares.sorted { $0.product > $1.product },
            elsewhere: elsewhere.isEmpty ? nil : elsewhere,
            missing: query.terms.map(\.term).filter { !known.contains(ByteString($0)) })
    }
}
