/// A document found.
public struct Hit: Sendable, Equatable {
    /// External id.
    public let id: String
    /// The score: `rawScore` in the field's own unit.
    public let score: Double
    /// The score in integer units, as compared.
    public let rawScore: UInt32
    /// Place of the segment in the snapshot.
    public let segment: Int
    /// Docid in the segment.
    public let docid: UInt32
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
}

extension IndexSnapshot {
    /// The `k` best documents: score descending, ties by external id descending; only documents that hold a query term.
    ///
    /// The same hits for every traversal and any number of segments; one threshold is shared by all segments.
    /// - Throws: ``IndexError/invalidDepth(_:)``, ``IndexError/invalidWeight(term:weight:)``.
    public func search(_ query: Query, k: Int, traversal: Traversal = .automatic) throws(IndexError) -> SearchResult {
        guard k > 0 else { throw .invalidDepth(k) }
        let prepared = try PreparedQuery(query, global)
        let plan = QueryPlan.make(traversal, prepared, k: k, statistics: global)
        var top = TopK(k: k, segments: segments)
        var counters = SearchCounters()
        for (number, segment) in segments.enumerated() {
            guard let reader = segment.fields[query.field], !prepared.scorers.isEmpty else { continue }
            if plan.traversal == .exhaustive || plan.traversal == .automatic {
                ExhaustiveTraversal.run(segment, number: number, reader, prepared, &top, &counters)
                continue
            }
            let list = CursorList(segment, reader, prepared)
            switch plan.traversal {
            case .maxScore, .blockMaxMaxScore:
                MaxScoreTraversal.run(
                    list, segment: number, blockMax: plan.traversal == .blockMaxMaxScore, &top, &counters)
            default:
                WandTraversal.run(list, segment: number, blockMax: plan.traversal == .blockMaxWand, &top, &counters)
            }
            list.count(into: &counters, reader)
        }
        counters.threshold = top.threshold
        let hits = top.sorted().map { entry in
            Hit(
                id: segments[Int(entry.segment)].id(Int(entry.docid)), score: Double(entry.score) * prepared.unit,
                rawScore: entry.score, segment: Int(entry.segment), docid: entry.docid)
        }
        return SearchResult(hits: hits, plan: plan, counters: counters, unknownTerms: prepared.unknown)
    }
}
