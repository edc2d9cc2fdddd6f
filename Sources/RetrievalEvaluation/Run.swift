public import ByteStrings

/// One document in a ranking, with the score that placed it there.
public struct ScoredDocument: Sendable {
    /// The document's external id.
    public var id: String
    /// The score; higher is better.
    public var score: Double

    /// Makes a scored document.
    public init(id: String, score: Double) {
        self.id = id
        self.score = score
    }

    /// Whether trec_eval ranks `first` before `second`: the higher score first, the greater id first among equals.
    ///
    /// Scores are compared as 32-bit floats, because trec_eval up to 9.0.7, pytrec_eval and ir_measures keep them so;
    /// trec_eval 9.0.8 and 10 keep doubles. Ids are compared by their UTF-8 bytes. What is not a number stands last.
    public static func ranksBefore(_ first: ScoredDocument, _ second: ScoredDocument) -> Bool {
        let (a, b) = (first.single, second.single)
        return a == b ? second.id.utf8.lexicographicallyPrecedes(first.id.utf8) : a > b
    }

    /// In the order of ``ranksBefore(_:_:)``; most runs are written in it.
    fileprivate static func ranked(_ documents: [ScoredDocument]) -> [ScoredDocument] {
        let isRanked = zip(documents, documents.dropFirst()).allSatisfy { !ranksBefore($1, $0) }
        return isRanked ? documents : documents.sorted(by: ranksBefore)
    }

    private var single: Float { score.isNaN ? -.infinity : Float(score) }

    /// Whether two documents tie for ``ranksBefore(_:_:)``, and only there.
    fileprivate static func tiesOnlyInSinglePrecision(_ first: ScoredDocument, _ second: ScoredDocument) -> Bool {
        first.score != second.score && first.single == second.single
    }
}

extension ScoredDocument: Equatable {
    /// Whether ids, by their bytes, and scores are the same.
    public static func == (a: ScoredDocument, b: ScoredDocument) -> Bool {
        ByteString(a.id) == ByteString(b.id) && a.score == b.score
    }
}

/// What a system returned: a ranking of documents for each query.
///
/// Every ranking is in the order of trec_eval, which ignores ranks and sorts by score descending, document id descending.
public struct Run: Sendable, Equatable {
    /// The name of the system.
    public var tag: String
    /// Query id → documents, best first.
    public private(set) var rankings: [ByteString: [ScoredDocument]]

    /// Makes a run and puts every ranking into the order of trec_eval.
    ///
    /// - Complexity: O(n log n) for n documents.
    public init(tag: String, rankings: [ByteString: [ScoredDocument]] = [:]) {
        self.tag = tag
        self.rankings = rankings.mapValues(ScoredDocument.ranked)
    }

    /// The ranking of one query in the order of trec_eval; empty when the query has no result.
    public subscript(query: ByteString) -> [ScoredDocument] {
        get { rankings[query] ?? [] }
        set { rankings[query] = ScoredDocument.ranked(newValue) }
    }

    /// The number of results over all queries.
    ///
    /// - Complexity: O(queries).
    public var count: Int { rankings.values.reduce(0) { $0 + $1.count } }

    /// The queries that found a document with their own id, in order of their bytes.
    ///
    /// - Complexity: O(n) for n documents.
    public var queriesThatFoundThemselves: [ByteString] {
        rankings.filter { query, documents in documents.contains { ByteString($0.id) == query } }.keys.sorted()
    }

    /// The queries in whose ranking two documents tie as 32-bit floats and differ as doubles, in order of their bytes: of these
    /// trec_eval 9.0.8 and 10 may see another order.
    ///
    /// - Complexity: O(n) for n documents.
    public var queriesThatTieInSinglePrecision: [ByteString] {
        rankings.filter { _, documents in
            zip(documents, documents.dropFirst()).contains { ScoredDocument.tiesOnlyInSinglePrecision($0, $1) }
        }.keys.sorted()
    }

    /// The same run with `amount` added to each score.
    ///
    /// - Complexity: O(n) for n documents.
    public func shiftingScores(by amount: Double) -> Run {
        var copy = self
        copy.rankings = rankings.mapValues { $0.map { ScoredDocument(id: $0.id, score: $0.score + amount) } }
        return copy
    }

    /// The same run without the documents whose id equals their query's id, as BEIR evaluates ArguAna and Quora.
    ///
    /// - Complexity: O(n) for n documents.
    public func removingDocumentsNamedAsTheirQuery() -> Run {
        var copy = self
        for (query, documents) in rankings {
            copy.rankings[query] = documents.filter { ByteString($0.id) != query }
        }
        return copy
    }
}
