/// One distinct query term, found in the segments, with the integer shares that its postings give.
struct PreparedTerm: Sendable {
    let name: String
    /// That of the first view, and of all where their learned scales are the same.
    let scorer: TermScorer
    let documentFrequency: Int
    /// Learned: what the query weight was multiplied with.
    let idfFactor: Double
    /// Its number in each segment's dictionary.
    let numbers: [Int?]
    /// Learned: the integer weight in each view; none where they are the same.
    private let weights: [UInt32]

    init(_ term: QueryTerms.Term, _ scorer: TermScorer, weights: [UInt32] = []) {
        name = term.name
        self.scorer = scorer
        documentFrequency = term.documentFrequency
        idfFactor = term.idfFactor
        numbers = term.numbers
        self.weights = weights
    }

    /// The scorer of a view's postings.
    func scorer(in view: Int) -> TermScorer {
        weights.isEmpty ? scorer : scorer.with(weight: weights[view])
    }
}

/// A query made ready: distinct terms in common integer units for both fields.
struct PreparedQuery: Sendable {
    let terms: [PreparedTerm]
    /// nil without a text term.
    let tables: BM25Tables?
    private(set) var units: ScoreUnits
    /// Terms that no document holds.
    let unknown: [String]
    /// Postings of all terms.
    let postings: Int
    /// Whether learned lists take part.
    let hasLearned: Bool

    init(_ query: Query, _ statistics: GlobalStatistics) throws(IndexError) {
        let found = try QueryTerms(query, statistics)
        if query.field == .learned {
            let units = ScoreUnits(
                learned: found.terms.map { Double($0.weight) }, scales: statistics.scales)
            self.init(text: nil, learned: found, units, statistics)
        } else {
            let weights = BM25Tables.idfWeights(found, statistics.collection)
            let units = ScoreUnits(idfWeights: weights)
            self.init(text: (found, weights, query.bm25), learned: nil, units, statistics)
        }
    }

    /// The weighted sum of a BM25 and a learned query.
    init(_ query: FusedQuery, _ statistics: GlobalStatistics) throws(IndexError) {
        guard (0...1).contains(query.weight) else {
            throw .invalidWeight(term: "fusion", weight: Float(query.weight))
        }
        let text = try QueryTerms(query.text, statistics)
        let learned = try QueryTerms(query.learned, statistics)
        let weights = BM25Tables.idfWeights(text, statistics.collection)
        let largestText = weights.reduce(0) { $0 + Double($1) }
        let largestLearned = try learned.largestScore(statistics)
        var (textFactor, learnedFactor) = (1 - query.weight, query.weight)
        if query.scaling == .maximum {
            textFactor /= max(largestText, 1e-9)
            learnedFactor /= max(largestLearned, 1e-9)
        }
        let units = ScoreUnits(
            textFactor: textFactor, learnedFactor: learnedFactor,
            largest: textFactor * largestText + learnedFactor * largestLearned,
            count: text.terms.count + learned.terms.count, scales: statistics.scales)
        self.init(
            text: query.weight < 1 ? (text, weights, query.text.bm25) : nil,
            learned: query.weight > 0 ? learned : nil,
            units, statistics)
    }

    private init(
        text: (terms: QueryTerms, idfWeights: [Float], bm25: BM25Parameters)?, learned: QueryTerms?,
        _ units: ScoreUnits,
        _ statistics: GlobalStatistics
    ) {
        var terms: [PreparedTerm] = []
        if let text {
            for (term, idfWeight) in zip(text.terms.terms, text.idfWeights) {
                let weight = units.textFactor == 1 ? idfWeight : Float(Double(idfWeight) * units.textFactor)
                terms.append(
                    PreparedTerm(
                        term, TermScorer(field: .text, weight: 0, bm25Weight: weight, scale: units.textScale)))
            }
        }
        for term in learned?.terms ?? [] {
            let scorer = TermScorer(
                field: .learned, weight: units.learnedWeight(term.weight), bm25Weight: 0, scale: 1)
            terms.append(PreparedTerm(term, scorer, weights: units.learnedWeights(term.weight)))
        }
        self.terms = terms
        tables = text.flatMap { text in
            text.terms.terms.isEmpty
                ? nil : BM25Tables(text.bm25, averageLength: statistics.averageLength, terms: terms)
        }
        self.units = units
        unknown = (text?.terms.unknown ?? []) + (learned?.unknown ?? [])
        postings = terms.reduce(0) { $0 + $1.documentFrequency }
        hasLearned = learned != nil
    }

    /// The same query where documents have factors.
    func boosted(by boost: ScoreBoost?, views: Int) -> PreparedQuery {
        guard let boost else { return self }
        var boosted = self
        boosted.units = units.boosted(by: boost, views: views)
        return boosted
    }

    /// Raises the threshold to what the segment's stored impacts promise: a term's k-th impact alone lifts k documents there.
    /// Hidden documents may be among them, so it takes a rank that leaves k others whichever they are.
    func prime(_ top: inout TopK, with view: SegmentView, number: Int) {
        for term in terms where term.scorer.field == .learned {
            guard let place = term.numbers[number], let reader = view.segment.fields[.learned] else {
                continue
            }
            let least =
                term.scorer(in: number).weight &* reader.leader(ofTerm: place, k: top.k + view.hidden)
            top.raise(to: units.promised(least, in: number))
        }
    }
}
