extension IndexSnapshot {
    /// Whether a document consists of several passages, so that learned scores are those of the best ones.
    public var hasPassages: Bool { segments.contains { $0.passages != nil } }

    /// The passage of each document that a query's learned terms find best; nil for documents that are one passage.
    /// - Throws: ``IndexError/invalidWeight(term:weight:)``, ``IndexError/corrupt(path:detail:)``.
    public func bestPassages(_ query: Query, of documents: [DocumentPlace]) throws(IndexError) -> [PassagePlace?] {
        guard hasPassages, query.field == .learned else { return documents.map { _ in nil } }
        var scorer = PassageScorer(views, try PreparedQuery(query, global))
        var places: [PassagePlace?] = []
        for document in documents { places.append(try scorer.place(document.docid, in: document.segment)) }
        return places
    }

    /// A search in which documents score by their best passage.
    ///
    /// The lists hold the largest impacts of all passages, so what they make of a document is never less than what its best passage
    /// does. Documents are taken in the order of that bound and scored by their passages, until `k` of them reach more than the next
    /// bound; where they do not, the traversal runs again, deeper, and only for documents whose bound reaches what the `k` do. So
    /// the hits are those of scoring every passage of every document.
    func searchPassages(
        _ prepared: PreparedQuery, k: Int, _ traversal: Traversal, _ limits: SearchLimits, _ threads: Int,
        _ least: UInt32,
        _ boost: ScoreBoost?, field: Field?
    ) throws(IndexError) -> SearchResult {
        var best = TopK(k: k, views: views, units: prepared.units, boost: boost)
        best.raise(to: least)
        // The oracle scores whatever matches.
        let scoresAll = traversal == .exhaustive && limits.isEmpty
        if !scoresAll { best.raise(to: promised(prepared, best)) }
        var counters = SearchCounters()
        counters.startThreshold = best.floor
        let all = views.reduce(0) { $0 + $1.count }
        var wanted = scoresAll ? all : min(all, PassageDepth.first(best.k))
        let plan = QueryPlan.make(traversal, prepared, k: wanted, limits: limits, statistics: global)
        var scorer = PassageScorer(views, prepared)
        var done = 0
        while !prepared.terms.isEmpty {
            let reached = best.floor
            var round = try bounds(prepared, plan, k: wanted, traversal, limits, threads, least: reached, boost)
            counters.rounds += 1
            counters.add(round.counters)
            if limits.isEmpty { counters.unscoredBound = nil }
            let list = round.top.sums()
            var next: UInt32?
            for (entry, bound) in list.dropFirst(done) {
                if !scoresAll, bound < best.floor {
                    next = bound
                    break
                }
                let view = Int(entry.segment)
                best.enter(view)
                var sum = entry.score
                if let found = try scorer.best(entry.docid, in: view) { sum = sum &- found.bound &+ found.learned }
                best.offer(sum, segment: view, docid: entry.docid)
                done += 1
                if done % PassageDepth.tightening(best.k) == 0 { best.tighten() }
            }
            best.tighten()
            if let next {
                counters.leave(next)
                break
            }
            guard list.count == wanted, wanted < all, let last = list.last?.compared else {
                // Whatever reaches what was asked for is among them.
                if reached > 1 { counters.leave(reached - 1) }
                break
            }
            if last < best.floor || !limits.isEmpty {
                counters.leave(last)
                break
            }
            wanted = min(all, PassageDepth.next(wanted))
        }
        counters.rescored = done
        counters.passages = scorer.scored
        counters.threshold = best.floor
        let hits = try passageHits(best.sorted(), prepared, &scorer)
        return SearchResult(
            hits: hits, plan: plan, counters: counters, unknownTerms: prepared.unknown,
            certificate: Certificate(
                mode: limits.isEmpty ? .exact : .approximate, traversal: plan.traversal, scores: hits.map(\.rawScore),
                isFull: hits.count == best.k, least: least, unscoredBound: counters.unscoredBound),
            units: prepared.units, field: field, segments: segments.count)
    }

    private func passageHits(
        _ best: [TopK.Entry], _ prepared: PreparedQuery, _ scorer: inout PassageScorer
    ) throws(IndexError) -> [Hit] {
        var hits: [Hit] = []
        for entry in best {
            let view = Int(entry.segment)
            hits.append(
                Hit(
                    id: segments[view].id(Int(entry.docid)), score: prepared.units.score(entry.score),
                    rawScore: entry.score, segment: view, docid: entry.docid,
                    passage: try scorer.place(entry.docid, in: view)))
        }
        return hits
    }

    /// The `k` documents with the largest bounds of those that reach `least`.
    private func bounds(
        _ prepared: PreparedQuery, _ plan: QueryPlan, k: Int, _ traversal: Traversal, _ limits: SearchLimits,
        _ threads: Int, least: UInt32, _ boost: ScoreBoost?
    ) throws(IndexError) -> (top: TopK, counters: SearchCounters) {
        var top = TopK(k: k, views: views, units: prepared.units, boost: boost)
        top.raise(to: least)
        var counters = SearchCounters()
        try traverse(
            prepared, plan, mayFallBack: traversal == .automatic, limits, threads, promised: least, boost, &top,
            &counters)
        return (top, counters)
    }
}

/// How deep a search goes before it scores passages.
private enum PassageDepth {
    static func first(_ k: Int) -> Int { 2 * k + 32 }
    static func next(_ depth: Int) -> Int { 8 * depth }
    /// After how many documents the threshold is made as high as it can be.
    static func tightening(_ k: Int) -> Int { max(16, k / 2) }
}
