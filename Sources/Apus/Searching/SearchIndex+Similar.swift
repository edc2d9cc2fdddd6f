import ByteStrings
import InvertedIndex

extension SearchIndex {
    /// The documents most like one of the index, which is not among them.
    ///
    /// Its heaviest learned terms and its rarest words are the query; in what proportion the two count the mode says.
    /// - Parameters:
    ///   - id: The document.
    ///   - options: As for a search; nil modes take hybrid where there is a learned field.
    ///   - terms: Terms of the document that ask, of each field.
    /// - Throws: ``ApusError/noDocument(id:index:)``, `IndexError`.
    /// - Complexity: Where vectors are stored that of a search; else every posting list is looked at for the document's terms.
    public func similar(to id: String, _ options: SearchOptions = SearchOptions(), terms: Int = 48) throws
        -> SearchAnswer
    {
        guard snapshot.contains(id) else { throw ApusError.noDocument(id: id, index: directory) }
        var options = options.resolved(by: settings)
        options.hits += 1
        options.feedback = nil
        let mode = mode(options)
        var query = RankingQuery(text: "")
        query.words = try rarestWords(id, terms)
        if mode.needsLearnedTerms {
            let vector = try snapshot.vector(of: id) ?? []
            let heaviest = vector.sorted { ($0.weight, ByteString($1.term)) > ($1.weight, ByteString($0.term)) }.prefix(
                terms)
            query.learned = LearnedQuery(
                query: weighted(heaviest.map { QueryTerm(term: $0.term, weight: $0.weight) }, options.idfPower),
                side: "document")
        }
        var answer = try options.ranking(mode).answer(query, in: self)
        answer.documents.removeAll { $0.id.utf8.elementsEqual(id.utf8) }
        answer.documents = answer.documents.prefix(options.hits - 1).enumerated().map { place, document in
            var document = document
            document.rank = place + 1
            return document
        }
        return answer
    }

    /// A document's words with the largest tf·idf, weighted by how often it holds them.
    private func rarestWords(_ id: String, _ most: Int) throws -> [QueryTerm] {
        guard let content = try documents.documents([id]).first?.value.content else { return [] }
        let words = try wordQuery(content, BM25Parameters()).terms.map { term in
            let frequency = try snapshot.documentFrequency(of: term.term, field: .text)
            let idf = InverseDocumentFrequency.value(documents: snapshot.documentCount, frequency: frequency)
            return (term: term, value: Double(term.weight) * idf)
        }
        let order = words.sorted { ($0.value, ByteString($1.term.term)) > ($1.value, ByteString($0.term.term)) }
        return order.prefix(most).map(\.term)
    }
}
