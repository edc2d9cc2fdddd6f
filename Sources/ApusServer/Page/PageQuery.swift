import Apus

/// A query as the encoder reads it, with what a person moved of it.
struct PageQuery: Sendable {
    /// A learned term.
    struct Term: Sendable {
        /// As in the vocabulary.
        let name: String
        /// What the encoder gives it.
        let given: Float
        /// What it weighs now; 0 where it is left out.
        let weight: Float
        /// Whether the text holds it; otherwise the encoder added it.
        let isTyped: Bool
    }

    /// A word of the text as BM25 sees it.
    struct Word: Sendable {
        /// Analysed.
        let name: String
        /// How rare it is; 0 where no document holds it.
        let idf: Double
    }

    /// Heaviest first, as the encoder weighs them; none without an encoder.
    var terms: [Term] = []
    /// In the text's order.
    var words: [Word] = []
    /// The learned query to search with; nil leaves it to the index.
    var vector: [QueryTerm]?
    /// Whether the encoder read only the text's beginning.
    var isTruncated = false

    /// - Throws: ``ServerError/busy``, `EncoderError`, `IndexError`.
    init(_ state: PageState, _ index: SearchIndex, _ answering: QueryAnswering) async throws {
        for word in index.wordQuery(state.query, index.settings.bm25).terms {
            let frequency = try index.snapshot.documentFrequency(of: word.term, field: .text)
            let idf = InverseDocumentFrequency.value(documents: index.snapshot.documentCount, frequency: frequency)
            words.append(Word(name: word.term, idf: frequency == 0 ? 0 : idf))
        }
        var options = SearchOptions()
        (options.mode, options.side) = (.splade, state.side)
        guard let encoder = try index.encoder(),
            let encoded = try await answering.encoded(state.query, options, index)
        else { return }
        let typed = try index.typedTerms(state.query)
        let moved = Dictionary(state.moved.map { (ByteString($0.term), $0.weight) }) { $1 }
        let vocabulary = encoder.vocabulary
        terms = encoded.heaviestFirst.map { place in
            let (name, given) = (vocabulary[Int(encoded.terms[place])], encoded.weights[place])
            return Term(
                name: name, given: given, weight: moved[ByteString(name)] ?? given,
                isTyped: typed.contains(ByteString(name)))
        }
        vector = terms.filter { $0.weight > 0 }.map { QueryTerm(term: $0.name, weight: $0.weight) }
        isTruncated = encoded.isTruncated
    }

    /// Whether a term of a snippet's marks was typed, for the colours.
    func isTyped(_ term: String) -> Bool {
        let name = ByteString(term)
        return words.contains { ByteString($0.name) == name }
            || (terms.first { ByteString($0.name) == name }?.isTyped ?? true)
    }
}
