import ByteStrings
public import InvertedIndex

/// A mode of search as one value: how a query becomes an answer, and how a score is explained.
///
/// A new one is a type in a file of its own in this folder and a line in ``SearchMode``; flags, runs, reports and evaluation know it by its name.
public protocol Ranking: Sendable {
    /// Its name.
    static var mode: SearchMode { get }
    /// Whether a query needs learned terms; where it has none, BM25 answers and says so.
    static var needsLearnedTerms: Bool { get }
    /// Whether the answer is the exact best of one traversal of learned terms, whose approximation can be tuned.
    static var isOneTraversal: Bool { get }

    /// The ranking with the parameters that these options hold.
    init(_ options: SearchOptions)

    /// How an answer is made.
    var options: SearchOptions { get }
    /// The parameters in force, for people: a reader should never have to guess a default.
    var summary: String { get }

    /// The last column of a run.
    func tag(of query: RankingQuery) -> String
    /// The best documents, and the traversals that found them.
    /// - Throws: `IndexError`; ``ApusError/notExact(query:traversal:detail:)`` when the options ask for verification.
    func rank(_ query: RankingQuery, in index: SearchIndex) throws -> RankedList
    /// A document's score, and the fields that make it up.
    /// - Throws: `IndexError`, `EncoderError`.
    func explain(_ query: RankingQuery, document id: String, in index: SearchIndex) throws -> ScoreExplanation
}

/// What a ranking answers.
public struct RankingQuery: Sendable {
    /// The text.
    public var text: String
    /// The topic's id, where it has one.
    public var topic: String?
    /// Its learned terms, where the ranking needs them.
    public var learned: LearnedQuery?
    /// Its words with what feedback did to them; nil takes those of the text.
    public var words: [QueryTerm]?
    /// What feedback did.
    public var feedback: FeedbackReceipt?
    /// Why BM25 stands in for the ranking that was asked for; nil when it does not.
    public var fallback: String?

    /// The learned terms; none for a ranking that needs none.
    var learnedTerms: Query { learned?.query ?? Query(field: .learned, terms: []) }

    /// The BM25 query.
    func wordQuery(in index: SearchIndex, _ options: SearchOptions) -> Query {
        let bm25 = options.bm25InForce
        return words.map { Query(field: .text, terms: $0, bm25: bm25) } ?? index.wordQuery(text, bm25)
    }

    /// What a reader should know of the query, whatever is found.
    var notes: [String] {
        var notes: [String] = []
        if let fallback {
            notes.append("BM25 answered: \(fallback).")
        } else if learned?.isTruncated == true {
            notes.append(LearnedQuery.truncationNote)
        }
        if let feedback {
            let lenders = Set(feedback.documents.values.joined().map { ByteString($0) }).count
            notes.append(
                "feedback: \(lenders) document\(lenders == 1 ? "" : "s") lent \(feedback.added) term\(feedback.added == 1 ? "" : "s")."
            )
        }
        return notes
    }
}

/// What a ranking found.
public struct RankedList: Sendable {
    /// Best first.
    public var documents: [RankedDocument]
    /// What each traversal did.
    public var searches: [SearchResult]

    /// The hits of one traversal.
    init(_ result: SearchResult) {
        self.init(
            documents: result.hits.enumerated().map { RankedDocument(rank: $0 + 1, id: $1.id, score: $1.score) },
            searches: [result])
    }

    /// Documents with the traversals that found them.
    public init(documents: [RankedDocument], searches: [SearchResult]) {
        self.documents = documents
        self.searches = searches
    }
}

extension Ranking {
    /// The answer to a query, with what a reader should know of it.
    /// - Throws: As ``rank(_:in:)``.
    public func answer(_ query: RankingQuery, in index: SearchIndex) throws -> SearchAnswer {
        let list = try rank(query, in: index)
        var answer = SearchAnswer(
            mode: Self.mode, isFallback: query.fallback != nil,
            documents: try index.withPassages(list, query.learnedTerms), notes: query.notes,
            tag: tag(of: query), searches: list.searches, learnedTerms: query.learnedTerms.terms)
        answer.cutTerms = query.learned?.cutTerms ?? 0
        answer.isTruncated = query.learned?.isTruncated ?? false
        answer.feedback = query.feedback
        if !answer.isExact { answer.notes.append(Approximation.note(answer)) }
        return answer
    }

    /// `+rm3(5,20,0.2)`: what feedback lent, or nothing.
    var feedbackTag: String {
        (options.feedback?.models(of: Self.mode) ?? []).map { "+\($0.model.name)" }.joined()
    }

    /// `siamese-idf0.5-approximate(terms=8)`: who made the learned terms, how the index weights them, and what was left out.
    func learnedTag(_ query: RankingQuery) -> String {
        (query.learned?.side ?? "none") + (query.learned?.weighting ?? "") + feedbackTag
            + Approximation.tag(options, learned: true)
    }

    /// The parameters with the limits in force.
    func summary(_ parameters: [String], orElse exact: String? = nil) -> String {
        let cuts = Approximation.summary(options, learned: Self.needsLearnedTerms)
        let weighting = Self.needsLearnedTerms ? [idfSummary].compactMap { $0 } : []
        let rest = cuts.isEmpty ? [exact].compactMap { $0 } : cuts
        let feedback = (options.feedback?.models(of: Self.mode) ?? []).map {
            "\($0.model.kind.rawValue) on \($0.field.rawValue): \($0.model.documents) documents lend \($0.model.terms) terms of weight \($0.model.weight)"
        }
        return (parameters + weighting + rest + feedback + options.documentSummary).joined(separator: ", ")
    }

    /// `BM25 k1 0.9 b 0.4`
    var bm25Summary: String { "BM25 k1 \(options.bm25InForce.k1) b \(options.bm25InForce.b)" }

    /// `(k1=1.2,b=0.75)`: what is not BM25's usual parameters.
    var bm25Tag: String {
        let (used, usual) = (options.bm25InForce, BM25Parameters())
        return used == usual ? "" : "(k1=\(used.k1),b=\(used.b))"
    }

    /// `learned weights × idf^0.5`
    private var idfSummary: String? {
        options.idfPowerInForce == 0 ? nil : "learned weights × idf^\(options.idfPowerInForce.formatted)"
    }
}
