import CApusKernels
import Foundation

/// Turns one query term's postings into integer score shares, the same for every traversal.
///
/// Learned: `weight × impact` with an integer query weight. BM25: Lucene's single-precision formula, scaled and rounded
/// to an integer. Shares are integers, so sums do not depend on the order of addition, and a bound computed from a
/// dominating posting is at least the share of every posting that it dominates.
struct TermScorer: Sendable {
    let field: Field
    /// Place among the query's distinct terms.
    let index: Int
    /// Learned: the integer query weight.
    let weight: UInt32
    /// BM25: query weight × idf.
    let bm25Weight: Float
    /// BM25: integer units per unit of score.
    let scale: Double

    /// The share of a posting.
    /// - Parameter inverse: 1 / (k1 × (1 − b + b × length / average length)) of the document; not used by learned fields.
    @inline(__always)
    func share(value: UInt32, inverse: Float) -> UInt32 {
        field == .learned ? weight &* value : apus_bm25(value, inverse, bm25Weight, scale)
    }

    /// A share that no posting dominated by the pair exceeds; frequencies of 255 and more are bounded by the limit.
    @inline(__always)
    func bound(value: UInt8, inverse: Float) -> UInt32 {
        if field == .learned { return weight &* UInt32(value) }
        return value == 255
            ? apus_bm25(.max, inverse, bm25Weight, scale) : apus_bm25(UInt32(value), inverse, bm25Weight, scale)
    }
}

/// A query made ready: distinct terms with integer weights, in common units for all segments.
struct PreparedQuery {
    let field: Field
    let terms: [String]
    let scorers: [TermScorer]
    /// BM25: the inverse length norm of each length byte.
    let inverses: [Float]
    /// Score per integer unit.
    let unit: Double
    /// Terms that no document holds.
    let unknown: [String]
    /// Postings of all terms.
    let postings: Int

    /// Query weights have at most this many steps.
    private static let largestWeight: Double = 4095
    /// No sum may reach this.
    private static let limit: Double = 2_147_483_648

    init(_ query: Query, _ statistics: GlobalStatistics) throws(IndexError) {
        field = query.field
        var order: [String] = []
        var weights: [String: Float] = [:]
        for term in query.terms {
            guard term.weight.isFinite, term.weight >= 0 else {
                throw .invalidWeight(term: term.term, weight: term.weight)
            }
            if weights[term.term] == nil { order.append(term.term) }
            weights[term.term, default: 0] += term.weight
        }
        var found: [(term: String, weight: Float, df: Int)] = []
        var unknown: [String] = []
        for term in order {
            guard let weight = weights[term], weight > 0 else { continue }
            let df = statistics.documentFrequency(of: term, field: query.field)
            if df == 0 { unknown.append(term) } else { found.append((term, weight, df)) }
        }
        self.unknown = unknown
        postings = found.reduce(0) { $0 + $1.df }
        terms = found.map(\.term)
        if query.field == .learned {
            let largest = Double(found.map(\.weight).max() ?? 1)
            let sum = found.reduce(0) { $0 + Double($1.weight) }
            // Σ weight × 255 stays below the limit, also when every weight is rounded up.
            let room = (Self.limit / 255 - Double(found.count)) / max(sum / largest, 1)
            let steps = max(1, min(Self.largestWeight, room.rounded(.down)))
            scorers = found.enumerated().map { index, term in
                let weight = UInt32((Double(term.weight) / largest * steps).rounded())
                return TermScorer(field: .learned, index: index, weight: max(weight, 1), bm25Weight: 0, scale: 1)
            }
            inverses = []
            unit = largest / steps / Double(statistics.learnedScale)
        } else {
            let count = Double(statistics.documentsWithText)
            let weights = found.map { term -> Float in
                let idf = Float(log(1 + (count - Double(term.df) + 0.5) / (Double(term.df) + 0.5)))
                return term.weight * idf
            }
            // A share is smaller than its weight, so the sum of the weights bounds every score.
            let sum = weights.reduce(0) { $0 + Double($1) }
            let exponent = min(24, floor(log2((Self.limit - Double(found.count)) / max(sum, 1e-9))))
            let scale = exp2(exponent)
            scorers = weights.enumerated().map {
                TermScorer(field: .text, index: $0, weight: 0, bm25Weight: $1, scale: scale)
            }
            let average = statistics.averageLength
            inverses = (0..<256).map { byte in
                let length = Float(LengthByte.decode(UInt8(byte)))
                return 1 / (query.bm25.k1 * ((1 - query.bm25.b) + query.bm25.b * length / average))
            }
            unit = 1 / scale
        }
    }
}

/// What scoring needs to know of the whole index: the same for every segment, so that splitting changes no score.
struct GlobalStatistics: Sendable {
    let segments: [Segment]
    let documents: Int
    let documentsWithText: Int
    let averageLength: Float
    let learnedScale: Float

    init(_ segments: [Segment], learnedScale: Float?) {
        self.segments = segments
        documents = segments.reduce(0) { $0 + $1.documents }
        documentsWithText = segments.reduce(0) { $0 + $1.entry.documentsWithText }
        let words = segments.reduce(0) { $0 + $1.entry.words }
        averageLength = documentsWithText > 0 ? Float(Double(words) / Double(documentsWithText)) : 1
        self.learnedScale = learnedScale ?? 1
    }

    func documentFrequency(of term: String, field: Field) -> Int {
        segments.reduce(0) { sum, segment in
            guard let reader = segment.fields[field], let number = reader.number(of: term) else { return sum }
            return sum + Int(reader.termPostings[number])
        }
    }
}
