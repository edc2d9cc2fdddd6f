import InvertedIndex
import SparseEncoder

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
    /// The document's score in this field.
    public var score: Double
    /// Matching terms, largest share first.
    public var terms: [TermShare]
    /// Query terms that the document lacks.
    public var missing: [String]
}

extension SearchIndex {
    /// Explains a document's scores for a query in the fields that `mode` uses.
    /// - Throws: ``ApusError/noDocument(id:index:)``, `IndexError`, `EncoderError`.
    public func explain(_ text: String, document id: String, _ options: SearchOptions) throws -> [FieldExplanation] {
        guard snapshot.contains(id) else { throw ApusError.noDocument(id: id, index: directory) }
        let mode = options.mode ?? (hasLearned ? .hybrid : .bm25)
        var explanations: [FieldExplanation] = []
        if mode != .splade {
            explanations.append(try explain(wordQuery(text, options.bm25), id, typed: nil))
        }
        if mode != .bm25, let encoder = try encoder() {
            let query = try learnedQuery(text, encoder, options.side ?? encoder.description.defaultQuerySide)
            let vocabulary = encoder.vocabulary
            explanations.append(
                try explain(query, id, typed: Set(encoder.typedTerms(text).map { vocabulary[Int($0)] })))
        }
        return explanations
    }

    private func explain(_ query: Query, _ id: String, typed: Set<String>?) throws -> FieldExplanation {
        guard let found = try snapshot.explain(query, documentID: id) else {
            throw ApusError.noDocument(id: id, index: directory)
        }
        let shares = found.terms.map { term in
            TermShare(
                term: term.term, queryWeight: Double(term.queryWeight), documentWeight: Double(term.documentWeight),
                product: Double(term.contribution), isTyped: typed?.contains(term.term) ?? true)
        }
        let matched = Set(shares.map(\.term))
        return FieldExplanation(
            field: query.field.rawValue, score: Double(found.score),
            terms: shares.sorted { $0.product > $1.product },
            missing: query.terms.map(\.term).filter { !matched.contains($0) })
    }
}
