import Apus
import Foundation

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
        /// As it stands in the query.
        let spelled: String
        /// How rare it is; 0 where no document holds it.
        let idf: Double
    }

    /// Heaviest first, as the encoder weighs them; none without an encoder.
    var terms: [Term] = []
    /// In the text's order.
    var words: [Word] = []
    /// The learned query to search with; nil leaves it to the index.
    var vector: [QueryTerm]?
    private let index: SearchIndex
    /// Whether others worked for it already.
    private(set) var isBegun = false
    /// Whether the encoder read only the text's beginning.
    var isTruncated = false

    /// - Throws: ``ServerError/busy``, `EncoderError`, `IndexError`.
    init(_ state: PageState, _ index: SearchIndex, _ answering: QueryAnswering) async throws {
        self.index = index
        var spelled: [ByteString: String] = [:]
        for piece in state.query.split(whereSeparator: \.isWhitespace) {
            let word = piece.trimmingCharacters(in: .punctuationCharacters)
            for term in index.wordQuery(word, index.settings.bm25).terms { spelled[ByteString(term.term)] = word }
        }
        for word in index.wordQuery(state.query, index.settings.bm25).terms {
            let frequency = try index.snapshot.documentFrequency(of: word.term, field: .text)
            let idf = InverseDocumentFrequency.value(documents: index.snapshot.documentCount, frequency: frequency)
            words.append(
                Word(
                    name: word.term, spelled: spelled[ByteString(word.term)] ?? word.term, idf: frequency == 0 ? 0 : idf
                ))
        }
        var options = SearchOptions()
        (options.mode, options.side) = (.splade, state.side)
        guard let encoder = try index.encoder() else { return }
        let asked = try await answering.encoded(state.query, options, index)
        isBegun = asked.isBegun
        guard let encoded = asked.vector else { return }
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

    /// A term as a person knows it.
    func spelled(_ term: String) -> String {
        words.first { ByteString($0.name) == ByteString(term) }?.spelled ?? term
    }

    /// Whether a word of a document is one of the query, so that it needs no encoder to count.
    func isLiteral(_ word: String) -> Bool {
        let names = Set(index.wordQuery(word, index.settings.bm25).terms.map { ByteString($0.term) })
        return words.contains { names.contains(ByteString($0.name)) }
    }

    /// Whether a term that a word scored for was typed; the encoder added the others.
    func isTyped(_ term: String) -> Bool {
        let name = ByteString(term)
        return words.contains { ByteString($0.name) == name || ByteString($0.spelled) == name }
            || (terms.first { ByteString($0.name) == name }?.isTyped ?? true)
    }
}
