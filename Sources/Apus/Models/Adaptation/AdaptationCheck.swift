import CorpusFormats
import Foundation
import InvertedIndex
import LearnedEncoder
import RetrievalEvaluation

/// Compares query tables on questions that a sample of the collection's documents gives about itself, without judgements.
///
/// A part of a document (its title, a sentence, rare words of one) is the query, the rest of it the one right answer among the
/// sample. Half of the queries choose among the candidates, the other half has to confirm the choice.
struct AdaptationCheck {
    /// Documents that are encoded.
    static let mostDocuments = 1000
    /// Queries that are made of them.
    static let mostQueries = 300
    /// Confirming queries below which nothing can be said.
    static let leastQueries = 25
    /// Standard errors by which a candidate has to be better.
    static let standardErrors = 2.0
    /// Documents encoded between two looks at the cancellation.
    private static let together = 100

    private let postings: [UInt32: [(document: Int, weight: Double)]]
    private let idf: [UInt32: Double]
    private let documents: Int
    private let queries: [(terms: [UInt32], answer: Int)]

    /// Makes queries, encodes the documents.
    /// - Parameters:
    ///   - sample: Documents.
    ///   - power: The power of idf that a search multiplies query weights with.
    ///   - isCancelled: Asked while documents are encoded; when true, there is no check.
    /// - Throws: `EncoderError`.
    init?(
        _ sample: [CorpusDocument], _ encoder: SparseEncoder, idfPower power: Double, seed: UInt64, threads: Int,
        isCancelled: () -> Bool
    ) throws {
        var random = SplitMix(seed: seed)
        var frequency: [Substring: Int] = [:]
        for document in sample {
            for word in Set(PseudoQuery.words(document.text[...])) { frequency[word, default: 0] += 1 }
        }
        var (texts, asked): ([String], [(String, Int)]) = (sample.map(\.content), [])
        let kinds = PseudoQuery.Kind.allCases
        for place in sample.indices.shuffled(using: &random) where asked.count < Self.mostQueries {
            for turn in kinds.indices {
                let kind = kinds[(asked.count + turn) % kinds.count]
                let made = PseudoQuery(sample[place], kind, rarity: { frequency[$0] ?? 0 }, using: &random)
                guard let made else { continue }
                texts[place] = made.rest
                asked.append((made.text, place))
                break
            }
        }
        documents = texts.count
        queries = asked.map { (encoder.tableTerms($0.0), $0.1) }
        var lists: [UInt32: [(document: Int, weight: Double)]] = [:]
        for first in stride(from: 0, to: texts.count, by: Self.together) {
            let some = texts[first..<min(texts.count, first + Self.together)]
            for (place, vector) in zip(some.indices, try encoder.encodeDocuments(Array(some), threads: threads)) {
                for (term, weight) in zip(vector.terms, vector.weights) {
                    lists[term, default: []].append((place, Double(weight)))
                }
            }
            if isCancelled() { return nil }
        }
        let count = documents
        idf = lists.mapValues {
            power == 0 ? 1 : pow(InverseDocumentFrequency.value(documents: count, frequency: $0.count), power)
        }
        postings = lists
    }

    /// Queries that choose, and those that confirm: by turns of three, so that both have all kinds.
    private var halves: [[Int]] {
        [0, 1].map { half in queries.indices.filter { $0 / PseudoQuery.Kind.allCases.count % 2 == half } }
    }

    /// nDCG@10 of each query with a table.
    /// - Complexity: O(postings of the queries' terms).
    private func gains(_ table: [Float]) -> [Double] {
        queries.map { query in
            var scores = [Double](repeating: 0, count: documents)
            for term in query.terms {
                let weight = Double(table[Int(term)]) * (idf[term] ?? 0)
                for (document, impact) in postings[term] ?? [] { scores[document] += weight * impact }
            }
            let own = scores[query.answer]
            // Ties against the answer: a table of zeros finds nothing.
            let rank = scores.indices.count { $0 != query.answer && scores[$0] >= own } + 1
            return rank > 10 ? 0 : 1 / log2(Double(rank) + 1)
        }
    }

    /// Chooses the best of the candidates and says whether the held-out half confirms it.
    func result(today: [Float], candidates: [(share: Double, table: [Float])]) throws -> ModelAdaptation.Check {
        let (first, second) = (halves[0], halves[1])
        let old = gains(today)
        func mean(_ gains: [Double], _ places: [Int]) -> Double {
            places.isEmpty ? 0 : places.reduce(0) { $0 + gains[$1] } / Double(places.count)
        }
        let measured = candidates.map { (share: $0.share, gains: gains($0.table)) }
        // The first of equals: the one that changes least.
        var best = measured[0]
        for each in measured.dropFirst() where mean(each.gains, first) > mean(best.gains, first) { best = each }
        let compared = try Significance(
            first: second.map { old[$0] }, second: second.map { best.gains[$0] }, test: .pairedT)
        let errors = compared.effectSize * Double(second.count).squareRoot()
        return ModelAdaptation.Check(
            documents: documents, queries: queries.count, share: best.share,
            candidates: measured.map {
                .init(share: $0.share, today: mean(old, first), adapted: mean($0.gains, first))
            },
            today: mean(old, second), adapted: mean(best.gains, second), standardErrors: errors.isFinite ? errors : 0,
            isConfirmed: second.count >= Self.leastQueries && compared.meanDifference > 0
                && errors >= Self.standardErrors)
    }
}
