import ByteStrings
import Foundation
public import InvertedIndex

/// What a reader wants to know of a document's score beyond its sum: where it stands, what those above have, and what it lacks.
///
///     let words = try index.inWords("why do stars shine", document: "d7", options)
///     for sentence in words.sentences { print(sentence) }
public struct ScoreInWords: Sendable, Codable {
    /// A term that another document has more of.
    public struct Difference: Sendable, Codable {
        /// The term.
        public var term: String
        /// `text` or `learned`.
        public var field: String
        /// What it adds to the other's score.
        public var theirs: Double
        /// What it adds to this one's.
        public var ours: Double
        /// Whether another passage of this one holds it than the one that scored; nil for no.
        public var isElsewhere: Bool?
    }

    /// The document.
    public var id: String
    /// Its place, from 1; nil where it shares no term with the query, or lies beyond the depth of a hybrid answer's lists.
    public var rank: Int?
    /// Its score.
    public var score: Double
    /// How many documents are asked for.
    public var hits: Int
    /// The score of the last one of them; nil when there are fewer.
    public var lastScore: Double?
    /// The best document.
    public var best: String?
    /// What the best one has more of, largest difference first; none for the best itself.
    public var lacks: [Difference]
    /// All of that for people.
    public var sentences: [String]
}

extension SearchIndex {
    /// Says in words why a document stands where it does, and why it is not among the best where it is not.
    /// - Parameter vector: The learned query when it was computed elsewhere; nil encodes the text.
    /// - Throws: ``ApusError/noDocument(id:index:)``, `IndexError`, `EncoderError`.
    /// - Complexity: Searches as deep as the document stands.
    public func inWords(
        _ text: String, vector: [QueryTerm]? = nil, document id: String, _ options: SearchOptions
    ) throws -> ScoreInWords {
        let encoded = vector == nil ? try encoded(text, options) : nil
        let explanation = try explain(text, vector: vector, encoded: encoded, document: id, options)
        var deep = options
        var answer: SearchAnswer
        var place: Int?
        repeat {
            answer = try search(text, vector: vector, encoded: encoded, deep)
            place = answer.documents.firstIndex { $0.id.utf8.elementsEqual(id.utf8) }
            // A hybrid answer ends where its lists do.
            guard place == nil, answer.documents.count == deep.hits, deep.hits < snapshot.documentCount else { break }
            deep.hits = min(snapshot.documentCount, max(1000, deep.hits * 8))
        } while true
        let (best, last) = (answer.documents.first, answer.documents.dropFirst(options.hits - 1).first)
        var words = ScoreInWords(
            id: id, rank: place.map { $0 + 1 }, score: explanation.score, hits: options.hits, lastScore: last?.score,
            best: best?.id, lacks: [], sentences: [])
        if let best, place != 0 {
            let theirs = try explain(text, vector: vector, encoded: encoded, document: best.id, options)
            words.lacks = Self.differences(explanation, theirs)
        }
        words.sentences = Self.sentences(words, explanation)
        return words
    }

    private static func differences(_ ours: ScoreExplanation, _ theirs: ScoreExplanation) -> [ScoreInWords.Difference] {
        var differences: [ScoreInWords.Difference] = []
        for field in theirs.fields {
            let own = ours.fields.first { $0.field == field.field }
            let products = Dictionary((own?.terms ?? []).map { (ByteString($0.term), $0.product) }) { $0 + $1 }
            let elsewhere = Set((own?.elsewhere ?? []).map { ByteString($0) })
            for term in field.terms {
                let our = products[ByteString(term.term)] ?? 0
                if term.product > our {
                    differences.append(
                        .init(
                            term: term.term, field: field.field, theirs: term.product, ours: our,
                            isElsewhere: elsewhere.contains(ByteString(term.term)) ? true : nil))
                }
            }
        }
        return Array(differences.sorted { ($0.theirs - $0.ours, $1.term) > ($1.theirs - $1.ours, $0.term) }.prefix(8))
    }

    private static func sentences(_ words: ScoreInWords, _ explanation: ScoreExplanation) -> [String] {
        func number(_ value: Double) -> String { String(format: "%.3f", value) }
        func list(_ names: [String]) -> String { names.map { "'\($0)'" }.joined(separator: ", ") }
        var sentences: [String] = []
        for field in explanation.fields where !field.terms.isEmpty {
            let (typed, added) = (field.terms.filter { $0.isTyped }, field.terms.filter { !$0.isTyped })
            let share = field.score == 0 ? 0 : added.reduce(0) { $0 + $1.product } / field.score * (field.boost ?? 1)
            let name = field.field == Field.text.rawValue ? "BM25" : "The learned field"
            var sentence = "\(name) gives it \(number(field.score))"
            if !typed.isEmpty { sentence += ", most for \(list(typed.prefix(3).map(\.term)))" }
            if !added.isEmpty {
                sentence += typed.isEmpty ? ", " : "; "
                sentence +=
                    "\(Int((share * 100).rounded())) % for terms that the encoder added, like \(list(added.prefix(3).map(\.term)))"
            }
            sentences.append(sentence + ".")
        }
        if explanation.fields.allSatisfy(\.terms.isEmpty) { sentences.append("It shares no term with the query.") }
        switch (words.rank, words.lastScore) {
        case (1, _): sentences.append("It is the best.")
        case (let rank?, let last?) where rank > words.hits:
            sentences.append(
                "It stands at place \(rank), not among the first \(words.hits): its \(number(words.score)) is short of the last one's \(number(last)) by \(number(last - words.score))."
            )
        case (let rank?, _): sentences.append("It stands at place \(rank).")
        case (nil, let last?):
            sentences.append("It is not found: the last of the first \(words.hits) has \(number(last)).")
        case (nil, nil): sentences.append("It is not found.")
        }
        if let best = words.best, !words.lacks.isEmpty {
            let lacking = words.lacks.filter { $0.ours == 0 && $0.isElsewhere != true }.prefix(4).map(\.term)
            let elsewhere = words.lacks.filter { $0.isElsewhere == true }.prefix(4).map(\.term)
            let less = words.lacks.filter { $0.ours > 0 }.prefix(4).map(\.term)
            var parts: [String] = []
            if !lacking.isEmpty { parts.append("has \(list(lacking)), which this one lacks") }
            if !elsewhere.isEmpty { parts.append("has \(list(elsewhere)), which this one has in another passage") }
            if !less.isEmpty { parts.append("has more of \(list(less))") }
            if !parts.isEmpty { sentences.append("The best, '\(best)', \(parts.joined(separator: ", and ")).") }
        }
        let missing = explanation.fields.filter { $0.field == Field.text.rawValue }.flatMap(\.missing)
        if !missing.isEmpty { sentences.append("Words of the query that it does not hold: \(list(missing)).") }
        return sentences
    }
}
