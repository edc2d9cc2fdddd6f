/// The two kinds of posting lists.
public enum Field: String, Sendable, Codable, CaseIterable {
    /// Analysed words with their frequencies, scored by BM25.
    case text
    /// Terms with learned impacts.
    case learned
}

/// BM25's two parameters.
public struct BM25Parameters: Sendable, Equatable {
    /// How quickly repeated words saturate.
    public var k1: Float
    /// How much long documents are discounted, 0…1.
    public var b: Float

    /// Anserini's defaults.
    public init(k1: Float = 0.9, b: Float = 0.4) {
        self.k1 = k1
        self.b = b
    }
}

/// One term of a query.
public struct QueryTerm: Sendable, Equatable {
    /// As indexed.
    public var term: String
    /// Learned weight, or how often the query holds the word.
    public var weight: Float

    /// A weighted term.
    public init(term: String, weight: Float) {
        self.term = term
        self.weight = weight
    }
}

/// A weighted bag of terms for one field. Repeated terms add their weights.
public struct Query: Sendable, Equatable {
    /// Which lists are searched.
    public var field: Field
    /// The terms.
    public var terms: [QueryTerm]
    /// For the text field.
    public var bm25: BM25Parameters
    /// For the learned field: each weight is multiplied by the term's ``InverseDocumentFrequency`` to this power, 0…2; 0 leaves the
    /// weights as they are.
    public var idfPower: Double

    /// A query.
    public init(
        field: Field, terms: [QueryTerm], bm25: BM25Parameters = BM25Parameters(), idfPower: Double = 0
    ) {
        self.field = field
        self.terms = terms
        self.bm25 = bm25
        self.idfPower = idfPower
    }
}

/// A BM25 and a learned query answered together: the best documents by the weighted sum of both scores, exactly.
public struct FusedQuery: Sendable, Equatable {
    /// What the two scores are divided by before they are added.
    public enum Scaling: String, Sendable, CaseIterable, Codable {
        /// Nothing.
        case none
        /// The largest score that the query could have: Σ weight × idf, and Σ weight × the list's largest impact.
        case maximum
    }

    /// Words.
    public var text: Query
    /// Learned terms.
    public var learned: Query
    /// Weight of the learned score, 0…1; the BM25 score has 1 − `weight`.
    public var weight: Double
    /// Whether scores are made comparable first.
    public var scaling: Scaling

    /// A fused query.
    public init(text: Query, learned: Query, weight: Double = 0.5, scaling: Scaling = .maximum) {
        self.text = text
        self.learned = learned
        self.weight = weight
        self.scaling = scaling
    }
}
