import Foundation
import InvertedIndex

/// The obvious engine: a dictionary of documents, scored one after another straight from the formulas.
struct NaiveIndex {
    struct Document {
        let id: String
        let words: [String]
        let vector: [String: UInt32]
    }

    var documents: [Document]

    private func documentFrequency(_ term: String, _ field: Field) -> Int {
        documents.count { field == .text ? $0.words.contains(term) : $0.vector[term] != nil }
    }

    private func lossy(_ length: Int) -> Int {
        // The largest number not above `length` that has four significant bits above 24; exact up to 40.
        guard length > 40 else { return length }
        var shift = 0
        while (length - 24) >> shift > 15 { shift += 1 }
        return 24 + ((length - 24) >> shift) << shift
    }

    /// BM25 as Lucene computes it, in double precision.
    func bm25(_ query: Query) -> [String: Double] {
        let count = Double(documents.count { !$0.words.isEmpty })
        let average = Double(documents.reduce(0) { $0 + $1.words.count }) / max(1, count)
        let idfs = query.terms.map { term in
            let df = Double(documentFrequency(term.term, .text))
            return log(1 + (count - df + 0.5) / (df + 0.5))
        }
        var scores: [String: Double] = [:]
        for document in documents {
            for (term, idf) in zip(query.terms, idfs) {
                let tf = Double(document.words.count { $0 == term.term })
                guard tf > 0 else { continue }
                let length = Double(lossy(document.words.count))
                let norm = Double(query.bm25.k1) * (1 - Double(query.bm25.b) + Double(query.bm25.b) * length / average)
                scores[document.id, default: 0] += Double(term.weight) * idf * tf / (tf + norm)
            }
        }
        return scores
    }

    /// Σ weight × idf: no BM25 score reaches it.
    func largestBM25(_ query: Query) -> Double {
        let count = Double(documents.count { !$0.words.isEmpty })
        return query.terms.reduce(0) { sum, term in
            let df = Double(documentFrequency(term.term, .text))
            return df == 0 ? sum : sum + Double(term.weight) * log(1 + (count - df + 0.5) / (df + 0.5))
        }
    }

    /// Σ weight × the term's largest impact.
    func largestImpactSum(_ query: Query) -> Double {
        query.terms.reduce(0) { sum, term in
            sum + Double(term.weight) * Double(documents.compactMap { $0.vector[term.term] }.max() ?? 0)
        }
    }

    /// Σ weight × impact over shared terms, for integer query weights.
    func impacts(_ weights: [String: UInt32]) -> [String: UInt32] {
        var scores: [String: UInt32] = [:]
        for document in documents {
            var score: UInt32 = 0
            for (term, weight) in weights { score += weight * (document.vector[term] ?? 0) }
            if score > 0 { scores[document.id] = score }
        }
        return scores
    }

    /// Score descending, id descending by UTF-8 bytes.
    static func ranking<Score: Comparable>(_ scores: [String: Score], k: Int) -> [(id: String, score: Score)] {
        let sorted = scores.sorted { a, b in
            a.value != b.value ? a.value > b.value : b.key.utf8.lexicographicallyPrecedes(a.key.utf8)
        }
        return sorted.prefix(k).map { ($0.key, $0.value) }
    }
}

extension NaiveIndex.Document {
    /// What a writer takes.
    var indexed: IndexDocument {
        var (bytes, ends): ([UInt8], [Int32]) = ([], [])
        for word in words {
            bytes.append(contentsOf: word.utf8)
            ends.append(Int32(bytes.count))
        }
        let used = vector.sorted { $0.key < $1.key }
        return IndexDocument(
            id: id, wordBytes: bytes, wordEnds: ends, terms: used.compactMap { UInt32($0.key.dropFirst()) },
            weights: used.map { Float($0.value) })
    }
}
