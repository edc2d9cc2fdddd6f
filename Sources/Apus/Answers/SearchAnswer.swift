public import InvertedIndex

/// One document of an answer: a hit on its way out, in every list, file and JSON.
public struct RankedDocument: Sendable, Equatable, Codable {
    /// From 1.
    public var rank: Int
    /// External id.
    public var id: String
    /// The score that ranked it.
    public var score: Double
    /// Its place in the BM25 list of a hybrid answer.
    public var bm25: Placement?
    /// Its place in the learned list of a hybrid answer.
    public var learned: Placement?
    /// Its places in the runs from elsewhere of a hybrid answer; nil where none holds it.
    public var runs: [RunPlacement]?
    /// What BM25 and the learned field add to a fused score; nil when more than 100 documents are asked for.
    public var parts: ScoreParts?
    /// Its title, where it was looked up.
    public var title: String?
    /// Its text, where it was looked up.
    public var text: String?
    /// The part of it that scored, where asked for.
    public var snippet: Snippet?
    /// Which of its passages the learned score is of; nil where it is one passage, where no passage holds a learned term of the query, and,
    /// when more than 100 documents are asked for, where the learned list of a hybrid answer does not hold it.
    public var passage: ScoredPassage?

    private enum CodingKeys: String, CodingKey {
        case rank, score, bm25, runs, parts, title, text, snippet, passage
        case id = "docid"
        case learned = "splade"
    }

    /// A document of an answer.
    public init(rank: Int, id: String, score: Double, bm25: Placement? = nil, learned: Placement? = nil) {
        self.rank = rank
        self.id = id
        self.score = score
        self.bm25 = bm25
        self.learned = learned
    }
}

/// The two summands of a fused score.
public struct ScoreParts: Sendable, Equatable, Codable {
    /// From the text field.
    public var bm25: Double
    /// From the learned field.
    public var learned: Double
}

/// The answer to one query.
public struct SearchAnswer: Sendable {
    /// The ranking that answered.
    public var mode: SearchMode
    /// Whether BM25 stood in for the mode asked for.
    public var isFallback: Bool
    /// Best first.
    public var documents: [RankedDocument]
    /// What a reader should know: fallback and its reason, unknown terms.
    public var notes: [String]
    /// For the last column of a run file.
    public var tag: String
    /// What each traversal did.
    public var searches: [SearchResult]
    /// The learned query, for statistics; empty for BM25.
    public var learnedTerms: [QueryTerm]
    /// What feedback did to the query; nil without it.
    public var feedback: FeedbackReceipt?
    /// Whether the query is longer than the encoder reads, so that its end has no part in the learned query.
    public var isTruncated = false
    /// Learned query terms that ``SearchOptions/queryTerms`` cut off.
    public var cutTerms = 0

    /// Whether the hits are proved to be the exact best of what was asked for (a hybrid answer: of both its lists).
    public var isExact: Bool { cutTerms == 0 && searches.allSatisfy(\.certificate.isExact) }
}
