import CApusKernels

/// Turns one query term's postings into integer score shares, the same for every traversal.
///
/// Learned: `weight × impact` with an integer query weight. BM25: Lucene's single-precision formula, scaled and rounded
/// to an integer. Shares are integers, so sums do not depend on the order of addition, and a bound computed from a
/// dominating posting is at least the share of every posting that it dominates.
struct TermScorer: Sendable {
    let field: Field
    /// Learned: the integer query weight.
    let weight: UInt32
    /// BM25: query weight × idf.
    let bm25Weight: Float
    /// BM25: integer units per unit of score.
    let scale: Double

    /// The same with another learned weight.
    func with(weight: UInt32) -> TermScorer {
        TermScorer(field: field, weight: weight, bm25Weight: bm25Weight, scale: scale)
    }

    /// The share of a posting.
    /// - Parameter inverse: 1 / (k1 × (1 − b + b × length / average length)) of the document; not used by learned fields.
    @inline(__always)
    func share(value: UInt32, inverse: Float) -> UInt32 {
        field == .learned ? weight &* value : apus_bm25(value, inverse, bm25Weight, scale)
    }

    /// A share that no posting dominated by the pair exceeds; frequencies of 255 and more are bounded by the limit.
    @inline(__always)
    func bound(value: UInt8, inverse: Float) -> UInt32 {
        if field == .learned {
            // Only sums of documents that live stay below the limit; the largest impact may be a deleted one's.
            let (bound, overflows) = weight.multipliedReportingOverflow(by: UInt32(value))
            return overflows ? .max : bound
        }
        return value == 255
            ? apus_bm25(.max, inverse, bm25Weight, scale) : apus_bm25(UInt32(value), inverse, bm25Weight, scale)
    }
}
