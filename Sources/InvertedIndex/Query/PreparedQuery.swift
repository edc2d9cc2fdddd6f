import ByteStrings
import CApusKernels
import Foundation

/// One distinct query term, found in the segments, with the integer shares that its postings give.
struct PreparedTerm: Sendable {
    let name: String
    let scorer: TermScorer
    let documentFrequency: Int
    /// Its number in each segment's dictionary.
    let numbers: [Int?]
}

/// A query made ready: distinct terms in common integer units for all segments and both fields.
struct PreparedQuery: Sendable {
    let terms: [PreparedTerm]
    /// BM25: the inverse length norm of each length byte, `[256]`; empty without a text term.
    nonisolated(unsafe) let inverses: AlignedTable<Float>  // filled by init, then only read
    /// Score per integer unit.
    let unit: Double
    /// Terms that no document holds.
    let unknown: [String]
    /// Postings of all terms.
    let postings: Int
    /// Whether learned lists take part.
    let hasLearned: Bool
    /// BM25: `apus_bm25_table` of each term that is frequent enough to repay it, by place in `terms`.
    nonisolated(unsafe) private let tables: [AlignedTable<UInt32>?]

    /// A learned query's weights have at most this many steps.
    private static let largestWeight: Double = 4095
    /// No sum may reach this.
    private static let limit: Double = 2_147_483_648

    init(_ query: Query, _ statistics: GlobalStatistics) throws(IndexError) {
        let found = try Found(query, statistics)
        if query.field == .learned {
            let largest = Double(found.terms.map(\.weight).max() ?? 1)
            let sum = found.terms.reduce(0) { $0 + Double($1.weight) }
            // Σ weight × 255 stays below the limit, also when every weight is rounded up.
            let room = (Self.limit / 255 - Double(found.terms.count)) / max(sum / largest, 1)
            var steps = max(1, min(Self.largestWeight, room.rounded(.down)))
            // Weights that are integers already stay as they are.
            let areIntegers = found.terms.allSatisfy { $0.weight >= 1 && $0.weight == $0.weight.rounded() }
            if areIntegers, largest <= min(65_535, room) { steps = largest }
            self.init(
                text: nil, learned: found, statistics, exponent: 0, textFactor: 0, learnedFactor: steps / largest,
                unit: largest / steps / Double(statistics.learnedScale))
        } else {
            // A share is smaller than its weight, so the sum of the weights bounds every score.
            let sum = found.idfWeights(statistics).reduce(0) { $0 + Double($1) }
            let exponent = min(24, floor(log2((Self.limit - Double(found.terms.count)) / max(sum, 1e-9))))
            self.init(
                text: found, learned: nil, statistics, exponent: exponent, textFactor: 1, learnedFactor: 0,
                unit: exp2(-exponent))
        }
    }

    /// The weighted sum of a BM25 and a learned query.
    init(_ query: FusedQuery, _ statistics: GlobalStatistics) throws(IndexError) {
        guard (0...1).contains(query.weight) else { throw .invalidWeight(term: "fusion", weight: Float(query.weight)) }
        let text = try Found(query.text, statistics)
        let learned = try Found(query.learned, statistics)
        let largestText = text.idfWeights(statistics).reduce(0) { $0 + Double($1) }
        let largestLearned = learned.largestScore(statistics)
        var (textFactor, learnedFactor) = (1 - query.weight, query.weight)
        if query.scaling == .maximum {
            textFactor /= max(largestText, 1e-9)
            learnedFactor /= max(largestLearned, 1e-9)
        }
        let largest = textFactor * largestText + learnedFactor * largestLearned
        let count = Double(text.terms.count + learned.terms.count)
        // Each learned weight may be rounded up by half a step, times 255.
        let exponent = floor(log2((Self.limit - 256 * count) / max(largest, 1e-9)))
        self.init(
            text: query.weight < 1 ? text : nil, learned: query.weight > 0 ? learned : nil, statistics,
            exponent: exponent, textFactor: textFactor,
            learnedFactor: learnedFactor * exp2(exponent) / Double(statistics.learnedScale), unit: exp2(-exponent))
    }

    private init(
        text: Found?, learned: Found?, _ statistics: GlobalStatistics, exponent: Double, textFactor: Double,
        learnedFactor: Double, unit: Double
    ) {
        var terms: [PreparedTerm] = []
        var tables: [AlignedTable<UInt32>?] = []
        var inverses = AlignedTable<Float>(count: 0)
        if let text, !text.terms.isEmpty {
            inverses = AlignedTable(count: 256)
            for byte in 0..<256 {
                let length = Float(LengthByte.decode(UInt8(byte)))
                let bm25 = text.bm25
                inverses.pointer[byte] = 1 / (bm25.k1 * ((1 - bm25.b) + bm25.b * length / statistics.averageLength))
            }
            let scale = exp2(exponent)
            for (term, idfWeight) in zip(text.terms, text.idfWeights(statistics)) {
                let weight = textFactor == 1 ? idfWeight : Float(Double(idfWeight) * textFactor)
                let scorer = TermScorer(field: .text, weight: 0, bm25Weight: weight, scale: scale)
                terms.append(term.prepared(scorer))
                var table: AlignedTable<UInt32>?
                if term.documentFrequency > 4 * Int(APUS_TABLE_FREQUENCIES) * 256 {
                    let shares = AlignedTable<UInt32>(count: Int(APUS_TABLE_FREQUENCIES) * 256)
                    apus_bm25_table(inverses.pointer, weight, scale, shares.pointer)
                    table = shares
                }
                tables.append(table)
            }
        }
        for term in learned?.terms ?? [] {
            let steps = (Double(term.weight) * learnedFactor).rounded()
            // No sound index leads beyond the limit; a damaged bound or statistic must not trap.
            let weight = UInt32(steps < Self.limit ? max(steps, 1) : Self.limit)
            terms.append(term.prepared(TermScorer(field: .learned, weight: weight, bm25Weight: 0, scale: 1)))
            tables.append(nil)
        }
        self.terms = terms
        self.tables = tables
        self.inverses = inverses
        self.unit = unit
        unknown = (text?.unknown ?? []) + (learned?.unknown ?? [])
        postings = terms.reduce(0) { $0 + $1.documentFrequency }
        hasLearned = learned != nil
    }

    /// Raises the threshold to what the segment's stored impacts promise: a term's k-th impact alone lifts k documents there.
    /// Hidden documents may be among them, so it takes a rank that leaves k others whichever they are.
    func prime(_ top: inout TopK, with view: SegmentView, number: Int) {
        for term in terms where term.scorer.field == .learned {
            guard let place = term.numbers[number], let reader = view.segment.fields[.learned] else { continue }
            top.promise(term.scorer.weight &* reader.leader(ofTerm: place, k: top.k + view.hidden))
        }
    }

    /// Calls `body` with the posting lists of one segment, and their places in `terms`.
    /// - Parameter maxima: Also find where the largest impacts of the ranges are.
    func withLists<Result>(
        _ segment: Segment, number: Int, maxima: Bool = false,
        _ body: ([(list: apus_list, reader: FieldReader, term: Int, place: Int)]) -> Result
    ) -> Result {
        var lists: [(list: apus_list, reader: FieldReader, term: Int, place: Int)] = []
        lists.reserveCapacity(terms.count)
        for (place, term) in terms.enumerated() {
            guard let number = term.numbers[number], let reader = segment.fields[term.scorer.field] else { continue }
            var list = reader.list(number)
            list.pages = segment.pageStates
            list.place = reader.postingsOffset
            if term.scorer.field == .text {
                list.lengths = segment.lengths.baseAddress
                list.inverses = UnsafePointer(inverses.pointer)
                list.table = tables[place].map { UnsafePointer($0.pointer) }
                list.bm25_weight = term.scorer.bm25Weight
                list.scale = term.scorer.scale
            } else {
                list.weight = term.scorer.weight
                if maxima { list.maxima = reader.maxima(ofTerm: number) }
            }
            lists.append((list, reader, number, place))
        }
        return withExtendedLifetime((inverses, tables, segment)) { body(lists) }
    }
}

/// The distinct terms of a query that some document holds.
private struct Found {
    struct Term {
        let name: String
        var weight: Float
        let documentFrequency: Int
        let numbers: [Int?]

        func prepared(_ scorer: TermScorer) -> PreparedTerm {
            PreparedTerm(name: name, scorer: scorer, documentFrequency: documentFrequency, numbers: numbers)
        }
    }

    let terms: [Term]
    let unknown: [String]
    let bm25: BM25Parameters

    init(_ query: Query, _ statistics: GlobalStatistics) throws(IndexError) {
        var terms: [Term] = []
        var absent: [QueryTerm] = []
        terms.reserveCapacity(query.terms.count)
        for term in query.terms {
            guard term.weight.isFinite, term.weight >= 0 else {
                throw .invalidWeight(term: term.term, weight: term.weight)
            }
            let (numbers, count) = statistics.find(term.term, query.field)
            if count == 0 {
                absent.append(term)
            } else {
                terms.append(Term(name: term.term, weight: term.weight, documentFrequency: count, numbers: numbers))
            }
        }
        Self.merge(&terms)
        terms.removeAll { $0.weight == 0 }
        // Each was finite, their sum may not be.
        for term in terms where !term.weight.isFinite { throw .invalidWeight(term: term.name, weight: term.weight) }
        var seen: Set<ByteString> = []
        let unknown = absent.compactMap { $0.weight > 0 && seen.insert(ByteString($0.term)).inserted ? $0.term : nil }
        self.terms = terms
        self.unknown = unknown
        bm25 = query.bm25
    }

    /// Adds the weights of equal terms up in the place of the first; found by their numbers, which costs less than hashing.
    private static func merge(_ terms: inout [Term]) {
        // Terms that only other parts of the collection hold have no number here.
        var elsewhere: [ByteString: Int] = [:]
        let keys = terms.map { term in
            guard let segment = term.numbers.firstIndex(where: { $0 != nil }), let number = term.numbers[segment] else {
                let number = elsewhere[ByteString(term.name)] ?? elsewhere.count
                elsewhere[ByteString(term.name)] = number
                return (Int.max, number)
            }
            return (segment, number)
        }
        let order = terms.indices.sorted { (keys[$0].0, keys[$0].1, $0) < (keys[$1].0, keys[$1].1, $1) }
        var isFirst = [Bool](repeating: true, count: terms.count)
        var first = 0
        for next in order.indices.dropFirst() {
            if keys[order[next]] == keys[order[first]] {
                terms[order[first]].weight += terms[order[next]].weight
                isFirst[order[next]] = false
            } else {
                first = next
            }
        }
        if isFirst.contains(false) { terms = zip(terms, isFirst).compactMap { $1 ? $0 : nil } }
    }

    /// BM25: query weight × idf, Lucene's.
    func idfWeights(_ statistics: GlobalStatistics) -> [Float] {
        let count = Double(statistics.collection.documentsWithText)
        return terms.map { term in
            let df = Double(term.documentFrequency)
            // A damaged commit may count fewer documents than a list has; the weight stays positive.
            return term.weight * Float(log(1 + (max(count, df) - df + 0.5) / (df + 0.5)))
        }
    }

    /// Learned: Σ weight × the term's largest impact, as a score.
    func largestScore(_ statistics: GlobalStatistics) -> Double {
        terms.reduce(0) { sum, term in
            let largest = statistics.largestImpact(of: term.name, numbers: term.numbers)
            return sum + Double(term.weight) * Double(largest) / Double(statistics.learnedScale)
        }
    }
}
