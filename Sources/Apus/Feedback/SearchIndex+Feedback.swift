import ByteStrings
import InvertedIndex

extension SearchIndex {
    /// Searches once with the query as it is, and lets the first documents lend it terms.
    /// - Throws: What a search throws.
    func expanded(_ query: RankingQuery, _ ranking: any Ranking, _ feedback: Feedback) throws -> RankingQuery {
        var (expanded, receipt) = (query, FeedbackReceipt())
        let mode = type(of: ranking).mode
        for (field, model) in feedback.models(of: mode) {
            var first = ranking.options
            (first.feedback, first.verify, first.hits) = (nil, false, model.documents)
            if field == .text {
                let found = try BM25Ranking(first).rank(query, in: self).documents
                let terms = wordQuery(query.text, first.bm25InForce).terms
                let lenders = try found.map { try wordVector($0.id, score: $0.score) }
                let most = max(1, snapshot.documentCount / 10)
                let model = RelevanceModel(model: model) { [snapshot] term in
                    // As Anserini: words that a tenth of the documents hold say nothing, nor do single letters.
                    try term.utf8.count > 1 && snapshot.documentFrequency(of: term, field: .text) <= most
                }
                let new = try model.expanded(terms, by: lenders)
                expanded.words = new
                receipt.note(.text, found.map(\.id), terms, new)
            } else if let learned = query.learned {
                let found = try type(of: ranking).init(first).rank(query, in: self).documents
                let places = found.compactMap { document in
                    snapshot.place(of: document.id).map { (place: $0, score: document.score) }
                }
                let lenders = zip(try snapshot.vectors(of: places.map(\.place)), places).map { vector, entry in
                    RelevanceModel.Document(terms: vector.map { ($0, Double($1)) }, score: entry.score)
                }
                let new = try RelevanceModel(model: model, mayLend: { _ in true })
                    .expanded(learned.query.terms, by: lenders)
                expanded.learned?.query.terms = new
                receipt.note(.learned, found.map(\.id), learned.query.terms, new)
            }
        }
        expanded.feedback = receipt
        return expanded
    }

    /// A document's words and how often it holds them, from its stored text.
    private func wordVector(_ id: String, score: Double) throws -> RelevanceModel.Document {
        let stored = try documents.documents([id]).first?.value
        let words = stored.map { wordQuery($0.content, BM25Parameters()).terms } ?? []
        return RelevanceModel.Document(terms: words.map { ($0.term, Double($0.weight)) }, score: score)
    }
}

extension FeedbackReceipt {
    fileprivate mutating func note(_ field: Field, _ documents: [String], _ before: [QueryTerm], _ after: [QueryTerm]) {
        self.documents[field.rawValue] = documents
        let old = Dictionary(before.map { (ByteString($0.term), $0.weight) }) { $0 + $1 }
        terms += after.map {
            Term(
                field: field.rawValue, term: $0.term, before: Double(old[ByteString($0.term)] ?? 0),
                after: Double($0.weight))
        }.sorted { ($0.after, ByteString($1.term)) > ($1.after, ByteString($0.term)) }
    }
}
