import CApusKernels

/// What the BM25 shares of one query are computed from; whoever points into it holds it.
final class BM25Tables: Sendable {
    /// 1 / (k1 × (1 − b + b × length / average length)) of each length byte, `[256]`.
    let inverses: AlignedTable<Float>
    /// The shares of small frequencies, `[8, 256]`, by place in the query; nil for terms too rare to repay it.
    let shares: [AlignedTable<UInt32>?]

    /// - Parameter terms: In the order of the query.
    init(_ bm25: BM25Parameters, averageLength: Float, terms: [PreparedTerm]) {
        let inverses = unsafe AlignedTable<Float>(count: 256) { inverses in
            for byte in 0..<256 {
                let length = Float(LengthByte.decode(UInt8(byte)))
                unsafe inverses[byte] = 1 / (bm25.k1 * ((1 - bm25.b) + bm25.b * length / averageLength))
            }
        }
        let entries = Int(APUS_TABLE_FREQUENCIES) * 256
        shares = terms.map { term in
            guard term.scorer.field == .text, term.documentFrequency > 4 * entries else { return nil }
            return unsafe AlignedTable(count: entries) {
                unsafe apus_bm25_table(inverses.pointer, term.scorer.bm25Weight, term.scorer.scale, $0)
            }
        }
        self.inverses = inverses
    }

    /// The inverse length norm of a length byte.
    func inverse(_ length: UInt8) -> Float { unsafe inverses.pointer[Int(length)] }

    /// Query weight × idf of each term, Lucene's.
    static func idfWeights(_ query: QueryTerms, _ collection: CollectionStatistics) -> [Float] {
        query.terms.map { term in
            term.weight
                * Float(
                    InverseDocumentFrequency.value(
                        documents: collection.documentsWithText, frequency: term.documentFrequency))
        }
    }
}
