import InvertedIndex

/// Pseudo-relevance feedback: the first documents of a search lend terms to the query, and it is searched again.
///
///     var options = SearchOptions()
///     options.feedback = Feedback(words: .rm3, learned: .rocchio)
///     let answer = try index.search("why do stars shine", options)
///     print(answer.feedback?.terms ?? [])
public struct Feedback: Sendable, Equatable {
    /// How documents lend terms to one field's query.
    public struct Model: Sendable, Equatable {
        /// What is added.
        public enum Kind: String, Sendable, CaseIterable {
            /// (1 − weight) q + weight R, both with weights that add up to 1; R = Σ score(d) d/|d|₁ over the documents.
            ///
            /// Source: Abdul-Jaleel et al., "UMass at TREC 2004: Novelty and HARD" (RM3); scores as they are, as in Anserini.
            case rm3
            /// q + weight |q| c/|c|, c the heaviest terms of Σ d/|d|, all norms Euclidean.
            ///
            /// Source: Rocchio, "Relevance feedback in information retrieval", 1971, without documents that count against.
            case rocchio
        }

        /// What is added.
        public var kind: Kind
        /// How many documents lend.
        public var documents: Int
        /// How many terms are lent.
        public var terms: Int
        /// Their weight beside the query's own.
        public var weight: Double

        /// A model.
        public init(_ kind: Kind, documents: Int, terms: Int, weight: Double) {
            (self.kind, self.documents, self.terms, self.weight) = (kind, documents, terms, weight)
        }

        /// RM3 as it did best on development data: 5 documents, 20 terms, weight .2.
        public static let rm3 = Model(.rm3, documents: 5, terms: 20, weight: 0.2)
        /// Rocchio as it did best on development data: 3 documents, 50 terms, weight .15.
        public static let rocchio = Model(.rocchio, documents: 3, terms: 50, weight: 0.15)

        /// `rm3(5,20,0.2)`: documents, terms, weight; part of a run's tag.
        public var name: String { "\(kind.rawValue)(\(documents),\(terms),\(weight.formatted))" }
    }

    /// For words; the documents are BM25's best in every mode.
    public var words: Model?
    /// For learned terms; the documents are the best of the mode itself.
    public var learned: Model?

    /// Feedback of one field, or of both.
    public init(words: Model? = nil, learned: Model? = nil) {
        (self.words, self.learned) = (words, learned)
    }

    /// The models that a mode uses.
    func models(of mode: SearchMode) -> [(field: Field, model: Model)] {
        let words = mode == .splade ? nil : words.map { (Field.text, $0) }
        let learned = mode.needsLearnedTerms ? learned.map { (Field.learned, $0) } : nil
        return [words, learned].compactMap { $0 }
    }
}

/// What feedback did to a query.
public struct FeedbackReceipt: Sendable, Codable, Equatable {
    /// A term whose weight is another.
    public struct Term: Sendable, Codable, Equatable {
        /// `text` or `learned`.
        public var field: String
        /// As indexed.
        public var term: String
        /// Its weight in the query before; 0 for a term that was added.
        public var before: Double
        /// Its weight in the query that was searched.
        public var after: Double
    }

    /// The documents that lent terms, by field.
    public var documents: [String: [String]] = [:]
    /// The terms, of each field the heaviest first.
    public var terms: [Term] = []

    /// How many terms were added.
    public var added: Int { terms.count { $0.before == 0 } }
}
