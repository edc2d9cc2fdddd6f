import ParallelWork

/// A document found.
public struct Hit: Sendable, Equatable {
    /// External id.
    public let id: String
    /// The score: `rawScore` in the field's own unit.
    public let score: Double
    /// The score as compared: in integer units; the bits of a `Float` where segments have learned scales of their own.
    public let rawScore: UInt32
    /// Place of the segment in the snapshot.
    public let segment: Int
    /// Docid in the segment.
    public let docid: UInt32
    /// The passage whose learned terms scored; nil where the document is one passage, and where words alone did.
    public let passage: PassagePlace?

    init(
        id: String, score: Double, rawScore: UInt32, segment: Int, docid: UInt32, passage: PassagePlace? = nil
    ) {
        (self.id, self.score, self.rawScore, self.segment, self.docid) = (id, score, rawScore, segment, docid)
        self.passage = passage
    }

    /// A document that another part of the collection found; it has no place here.
    public init(id: String, score: Double, rawScore: UInt32) {
        self.init(id: id, score: score, rawScore: rawScore, segment: -1, docid: 0)
    }
}

/// The answer to a query.
public struct SearchResult: Sendable {
    /// Best first.
    public let hits: [Hit]
    /// Which traversal ran, and why.
    public let plan: QueryPlan
    /// What it did.
    public let counters: SearchCounters
    /// Query terms that no document holds.
    public let unknownTerms: [String]
    /// Whether the hits are the exact best, and how that is known.
    public let certificate: Certificate
    let units: ScoreUnits
    /// The field that was searched; nil for both.
    public let field: Field?
    /// Segments that were searched.
    public let segments: Int

    init(
        hits: [Hit], plan: QueryPlan, counters: SearchCounters, unknownTerms: [String], certificate: Certificate,
        units: ScoreUnits, field: Field?, segments: Int
    ) {
        (self.hits, self.plan, self.counters, self.unknownTerms) = (hits, plan, counters, unknownTerms)
        (self.certificate, self.units, self.field, self.segments) = (certificate, units, field, segments)
    }

    /// The exact best of a collection whose parts were searched elsewhere.
    public init(gathered hits: [Hit], field: Field?) {
        self.init(
            hits: hits, plan: QueryPlan(traversal: .automatic, reason: "gathered from other shards"),
            counters: SearchCounters(), unknownTerms: [],
            certificate: Certificate(
                mode: .exact, traversal: .automatic, scores: hits.map(\.rawScore), isFull: false, unscoredBound: nil),
            units: ScoreUnits(idfWeights: []), field: field, segments: 0)
    }

    /// A raw score, threshold or bound of this search as a score.
    public func score(_ rawScore: UInt32) -> Double { units.score(rawScore) }
}

extension IndexSnapshot {
    /// The `k` best documents: score descending, ties by external id descending; only documents that hold a query term.
    ///
    /// The same hits for every traversal and any number of segments and threads; one threshold is shared by all of them. Only
    /// `limits` can make a search miss a hit.
    /// - Parameter threads: Threads for this one query; a search within limits takes one. They repay themselves from some
    ///   hundred thousand documents on.
    /// - Parameter least: A raw score, see ``Hit/rawScore``: documents below it are left out, because `k` documents of other parts of
    ///   the collection are known to reach it.
    /// - Throws: ``IndexError/invalidDepth(_:)``, ``IndexError/invalidWeight(term:weight:)``.
    public func search(
        _ query: Query, k: Int, traversal: Traversal = .automatic, limits: SearchLimits = SearchLimits(),
        threads: Int = 1, least: UInt32 = 0
    ) throws(IndexError) -> SearchResult {
        guard k > 0 else { throw .invalidDepth(k) }
        return try run(try PreparedQuery(query, global), k: k, traversal, limits, threads, least, field: query.field)
    }

    /// The `k` best documents by the weighted sum of their BM25 and learned scores, in one traversal and without a
    /// candidate depth; order and ties as above.
    /// - Throws: as above.
    public func search(
        _ query: FusedQuery, k: Int, traversal: Traversal = .automatic, limits: SearchLimits = SearchLimits(),
        threads: Int = 1, least: UInt32 = 0
    ) throws(IndexError) -> SearchResult {
        guard k > 0 else { throw .invalidDepth(k) }
        return try run(try PreparedQuery(query, global), k: k, traversal, limits, threads, least, field: nil)
    }

    private func run(
        _ plain: PreparedQuery, k: Int, _ traversal: Traversal, _ limits: SearchLimits, _ threads: Int, _ least: UInt32,
        field: Field?
    ) throws(IndexError) -> SearchResult {
        let boost = boosts.isEmpty ? nil : ScoreBoost(boosts)
        let prepared = plain.boosted(by: boost, views: views.count)
        if prepared.hasLearned, hasPassages {
            return try searchPassages(prepared, k: k, traversal, limits, threads, least, boost, field: field)
        }
        let plan = QueryPlan.make(traversal, prepared, k: k, limits: limits, statistics: global)
        var top = TopK(k: k, views: views, units: prepared.units, boost: boost)
        top.raise(to: least)
        var counters = SearchCounters()
        if !prepared.terms.isEmpty {
            let promised =
                traversal == .exhaustive && limits.isEmpty ? top.floor : promised(prepared, top)
            counters.startThreshold = promised
            try traverse(
                prepared, plan, mayFallBack: traversal == .automatic, limits, threads, promised: promised, boost, &top,
                &counters)
        }
        let best = top.sorted()
        counters.threshold = top.floor
        if plan.traversal.leavesBelowThreshold { counters.leave(max(1, top.floor) - 1) }
        fetchIDs(of: best)
        let hits = best.map { entry in
            Hit(
                id: segments[Int(entry.segment)].id(Int(entry.docid)),
                score: prepared.units.score(entry.score),
                rawScore: entry.score, segment: Int(entry.segment), docid: entry.docid)
        }
        return SearchResult(
            hits: hits, plan: plan, counters: counters, unknownTerms: prepared.unknown,
            certificate: Certificate(
                mode: limits.isEmpty ? .exact : .approximate, traversal: plan.traversal, scores: best.map(\.score),
                isFull: best.count == top.k, least: least, unscoredBound: counters.unscoredBound),
            units: prepared.units, field: field, segments: segments.count)
    }

    /// Asks the memory for the ids of hits, which lie anywhere, before the first one waits for it.
    private func fetchIDs(of hits: [TopK.Entry]) {
        for hit in hits { segments[Int(hit.segment)].fetchIDPlace(Int(hit.docid)) }
        for hit in hits { segments[Int(hit.segment)].fetchID(Int(hit.docid)) }
    }

    /// Walks the lists of all segments, and compares what was read with its checksums.
    /// - Parameter promised: A score that as many documents as `top` takes are known to reach, or that those have to reach.
    func traverse(
        _ prepared: PreparedQuery, _ plan: QueryPlan, mayFallBack: Bool, _ limits: SearchLimits, _ threads: Int,
        promised: UInt32, _ boost: ScoreBoost?, _ top: inout TopK, _ counters: inout SearchCounters
    ) throws(IndexError) {
        // What is read here and there is compared afterwards.
        let reading = ListReading(plan.traversal)
        if reading == .whole { try verify(prepared, reading) }
        if limits.isEmpty {
            top.raise(to: promised)
            traverse(prepared, plan.traversal, mayFallBack, threads, boost, &top, &counters)
        } else {
            scratch.withObject { scratch in
                LimitedTraversal.run(views, prepared, scratch, limits, promised: promised, &top, &counters)
            }
        }
        if reading != .whole { try verify(prepared, reading) }
    }

    /// Nothing that a search reads may differ from what was written.
    private func verify(_ prepared: PreparedQuery, _ reading: ListReading) throws(IndexError) {
        for number in segments.indices { try verify(prepared, in: number, reading) }
    }

    func verify(_ prepared: PreparedQuery, in number: Int, _ reading: ListReading) throws(IndexError) {
        for term in prepared.terms {
            let segment = segments[number]
            guard let place = term.numbers[number], let reader = segment.fields[term.scorer.field] else { continue }
            try segment.verify(term: place, of: reader, reading: reading)
        }
    }

    /// A score that k documents reach, as compared, and as the stored impacts say.
    func promised(_ prepared: PreparedQuery, _ top: TopK) -> UInt32 {
        var primed = top
        for number in views.indices { prepared.prime(&primed, with: views[number], number: number) }
        return primed.floor
    }

    /// Searches all segments, on several threads where they are large enough.
    private func traverse(
        _ query: PreparedQuery, _ traversal: Traversal, _ mayFallBack: Bool, _ threads: Int,
        _ boost: ScoreBoost?, _ top: inout TopK, _ counters: inout SearchCounters
    ) {
        // Cursors of the other traversals walk whole segments.
        let canCut = traversal == .range || traversal == .window || traversal == .exhaustive
        let slices = SegmentSlice.cut(views, parts: canCut ? threads : 1)
        if threads == 1 || slices.count == 1 {
            scratch.withObject { scratch in
                for slice in slices {
                    let search = SliceSearch(slice, query, traversal, mayFallBack: mayFallBack, scratch, top)
                    search.run()
                    top = search.top
                    counters.add(search.counters)
                }
            }
            return
        }
        let shared = SharedThreshold()
        let scratches = slices.map { _ in scratch.take() }
        defer { for used in scratches { scratch.give(used) } }
        let searches = zip(slices, scratches).map { slice, scratch in
            var own = TopK(k: top.k, views: views, units: query.units, boost: boost, shared: shared)
            own.raise(to: top.floor)
            return SliceSearch(slice, query, traversal, mayFallBack: mayFallBack, scratch, own)
        }
        SliceSearch.run(searches, threads: min(threads, slices.count))
        for search in searches {
            top.merge(search.top)
            counters.add(search.counters)
        }
    }
}
