/// One document in a ranking, with the score that placed it there.
public struct ScoredDocument: Sendable, Equatable {
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
    /// Scores are compared as 32-bit floats, because trec_eval 9 and pytrec_eval keep them so; trec_eval 10 keeps doubles.
    /// Ids are compared by their UTF-8 bytes.
    public static func ranksBefore(_ first: ScoredDocument, _ second: ScoredDocument) -> Bool {
        let (a, b) = (Float(first.score), Float(second.score))
        return a == b ? second.id.utf8.lexicographicallyPrecedes(first.id.utf8) : a > b
    }
}

/// What a system returned: a ranking of documents for each query.
///
/// Every ranking is in the order of trec_eval, which ignores ranks and sorts by score descending, document id descending.
public struct Run: Sendable, Equatable {
    /// The name of the system.
    public var tag: String
    /// Query id → documents, best first.
    public private(set) var rankings: [String: [ScoredDocument]]

    /// Makes a run and puts every ranking into the order of trec_eval.
    ///
    /// - Complexity: O(n log n) for n documents.
    public init(tag: String, rankings: [String: [ScoredDocument]] = [:]) {
        self.tag = tag
        self.rankings = rankings.mapValues { $0.sorted(by: ScoredDocument.ranksBefore) }
    }

    /// The ranking of one query in the order of trec_eval; empty when the query has no result.
    public subscript(query: String) -> [ScoredDocument] {
        get { rankings[query] ?? [] }
        set { rankings[query] = newValue.sorted(by: ScoredDocument.ranksBefore) }
    }

    /// The number of results over all queries.
    ///
    /// - Complexity: O(queries).
    public var count: Int { rankings.values.reduce(0) { $0 + $1.count } }

    /// The same run without the documents whose id equals their query's id, as BEIR evaluates ArguAna and Quora.
    ///
    /// - Complexity: O(n) for n documents.
    public func removingDocumentsNamedAsTheirQuery() -> Run {
        var copy = self
        for (query, documents) in rankings {
            copy.rankings[query] = documents.filter { $0.id != query }
        }
        return copy
    }
}
