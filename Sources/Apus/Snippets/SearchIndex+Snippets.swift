import ByteStrings
public import CorpusFormats
import InvertedIndex
import LearnedEncoder

extension SearchIndex {
    /// The part of each document that scored most for a query, with the words that did; nil for documents without a text.
    ///
    /// BM25 marks the words that the query holds, analysed; the learned field those whose encoding gave the query's terms their weights, also
    /// where the query holds none of them. Documents are encoded once more, so this is for those that are shown.
    /// - Parameters:
    ///   - answer: The answer to the query; its mode says which fields count.
    ///   - stored: The documents, as ``DocumentStore/documents(_:)`` gives them.
    ///   - length: Bytes of a snippet, about.
    /// - Throws: `IndexError`, `EncoderError`.
    public func snippets(
        _ text: String, _ answer: SearchAnswer, _ stored: [ByteString: CorpusDocument], _ options: SearchOptions,
        length: Int = 240
    ) throws -> [Snippet?] {
        let options = options.resolved(by: settings)
        let usesWords = answer.isFallback || answer.mode != .splade
        let words = usesWords ? try weightedWords(text, options) : [:]
        // BM25 needs no encoder, nor does a query without learned terms.
        let encoder = answer.learnedTerms.isEmpty ? nil : try encoder()
        let learned = encoder.map { learnedWeights(answer.learnedTerms, $0) } ?? [:]
        let terms = Set(learned.keys)
        return answer.documents.map { document in
            guard let content = stored[ByteString(document.id)]?.content, !content.isEmpty else { return nil }
            // Of a document of several passages the best one is shown.
            let passage = document.passage?.range(in: content)
            var found = Self.spelled(content).filter { passage?.overlaps($0.0) ?? true }.map { range, word in
                var scoring = ScoringWord(range: range, gain: 0, terms: [])
                guard usesWords else { return scoring }
                for term in analyzer.terms(in: word) {
                    if let gain = words[ByteString(term)] { scoring.add(term, gain) }
                }
                return scoring
            }
            let encoded = passage.map { String(decoding: Array(content.utf8)[$0], as: UTF8.self) } ?? content
            if let giving = encoder?.words(of: encoded, giving: terms) {
                let start = passage?.lowerBound ?? 0
                var place = 0
                for word in giving {
                    let range = word.range.lowerBound + start..<word.range.upperBound + start
                    while place < found.count, found[place].range.upperBound <= range.lowerBound { place += 1 }
                    guard place < found.count, found[place].range.overlaps(range) else { continue }
                    for (term, weight) in word.terms {
                        let (name, queryWeight) = learned[term] ?? ("", 0)
                        found[place].add(name, Double(weight) * queryWeight)
                    }
                }
            }
            let scoring = found.filter { $0.gain > 0 }
            return Snippet(scoring.isEmpty ? encoded : content, scoring, length: length)
        }
    }

    /// The analysed words of a query, each with its share of the best BM25 score that the query could have, 0…1.
    private func weightedWords(_ text: String, _ options: SearchOptions) throws -> [ByteString: Double] {
        var weights: [ByteString: Double] = [:]
        for term in wordQuery(text, options.bm25InForce).terms {
            let frequency = try snapshot.documentFrequency(of: term.term, field: .text)
            let idf = InverseDocumentFrequency.value(documents: snapshot.documentCount, frequency: frequency)
            weights[ByteString(term.term)] = Double(term.weight) * idf
        }
        let sum = weights.values.reduce(0, +)
        return sum > 0 ? weights.mapValues { $0 / sum } : weights
    }

    /// The learned query by numbers of the vocabulary, its weights so that the largest possible score of this query is about 1.
    private func learnedWeights(_ terms: [QueryTerm], _ encoder: SparseEncoder) -> [UInt32: (String, Double)] {
        let wanted = Dictionary(terms.map { (ByteString($0.term), Double($0.weight)) }) { $0 + $1 }
        guard !wanted.isEmpty else { return [:] }
        // Weights of document terms reach 3 or so.
        let sum = wanted.values.reduce(0, +) * 3
        var weights: [UInt32: (String, Double)] = [:]
        for (number, token) in encoder.vocabulary.enumerated() {
            if let weight = wanted[ByteString(token)] { weights[UInt32(number)] = (token, weight / sum) }
        }
        return weights
    }

    /// Runs of anything but white space and punctuation, with their bytes.
    private static func spelled(_ text: String) -> [(Range<Int>, String)] {
        var words: [(Range<Int>, String)] = []
        var (position, start, word) = (0, 0, "")
        for scalar in text.unicodeScalars {
            let width = UTF8.width(scalar)
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "'" || scalar == "’"
            {
                if word.isEmpty { start = position }
                word.unicodeScalars.append(scalar)
            } else if !word.isEmpty {
                words.append((start..<position, word))
                word = ""
            }
            position += width
        }
        if !word.isEmpty { words.append((start..<position, word)) }
        return words
    }
}

extension ScoringWord {
    mutating func add(_ term: String, _ gain: Double) {
        self.gain += gain
        terms.append((term, gain))
    }
}
