/// One term's share in a document's score.
public struct TermShare: Sendable, Codable {
    /// The term as indexed.
    public var term: String
    /// Its weight in the query: the learned weight, or idf × occurrences.
    public var queryWeight: Double
    /// The idf to the index's power that is part of the learned weight; nil without one.
    public var idfFactor: Double?
    /// Its weight in the document: the impact, or BM25's saturated frequency.
    public var documentWeight: Double
    /// What it adds to the score.
    public var product: Double
    /// Whether the query's own text holds the term; false when the encoder added it.
    public var isTyped: Bool
    /// Whether feedback added it; nil for no.
    public var isLent: Bool?
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
    /// Query terms that only other passages of the document hold than the one that scored, so that they add nothing; nil where there are
    /// none.
    public var elsewhere: [String]?
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
    public var notes: [String] = []
    /// The fields that take part.
    public var fields: [FieldExplanation]
    /// The passage that the learned score is of; nil for a document of one passage.
    public var passage: ScoredPassage?

    /// The score of several fields.
    public init(mode: SearchMode, score: Double, fields: [FieldExplanation]) {
        self.mode = mode
        self.score = score
        self.fields = fields
    }

    /// The score of one field.
    init(mode: SearchMode, of field: FieldExplanation) {
        self.init(mode: mode, score: field.score, fields: [field])
    }
}
