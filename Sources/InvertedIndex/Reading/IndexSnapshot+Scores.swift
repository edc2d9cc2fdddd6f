/// Where a snapshot has a document.
public struct DocumentPlace: Sendable, Hashable {
    /// Place of the segment in the snapshot.
    public let segment: Int
    /// Docid in the segment.
    public let docid: UInt32
}

extension Hit {
    /// Where the document is.
    public var place: DocumentPlace { DocumentPlace(segment: segment, docid: docid) }
}

extension IndexSnapshot {
    /// Where the document with this id is; nil where none that counts has it.
    public func place(of id: String) -> DocumentPlace? {
        for (number, view) in views.enumerated() {
            if let docid = view.docid(of: id) { return DocumentPlace(segment: number, docid: UInt32(docid)) }
        }
        return nil
    }

    /// What a search for `query` would say of documents that another one found: their scores, 0 where none of its terms occurs.
    ///
    /// Equal to exhaustive scoring, boosts included.
    /// - Parameter documents: Of this snapshot, in any order.
    /// - Throws: ``IndexError/invalidWeight(term:weight:)``, or what damaged lists give.
    /// - Complexity: O(terms × (documents + blocks passed over)).
    public func scores(_ query: Query, of documents: [DocumentPlace]) throws(IndexError) -> [Double] {
        let boost = boosts.isEmpty ? nil : ScoreBoost(boosts)
        let plain = try PreparedQuery(query, global)
        let prepared = plain.boosted(by: boost, views: views.count)
        var scores = [Double](repeating: 0, count: documents.count)
        let order = documents.indices.sorted {
            (documents[$0].segment, documents[$0].docid) < (documents[$1].segment, documents[$1].docid)
        }
        var rest = order[...]
        var passages = prepared.hasLearned && hasPassages ? PassageScorer(views, prepared) : nil
        while let first = rest.first {
            let number = documents[first].segment
            let ofSegment = rest.prefix { documents[$0].segment == number }
            rest = rest.dropFirst(ofSegment.count)
            try verify(prepared, in: number, .whole)
            let list = CursorList(segments[number], number: number, prepared)
            let cursors = unsafe list.cursors
            for place in ofSegment {
                let docid = documents[place].docid
                var total: UInt32 = 0
                for index in cursors.indices {
                    unsafe cursors[index].seek(docid)
                    if unsafe cursors[index].docid == docid { unsafe total &+= cursors[index].share() }
                }
                if let best = try passages?.best(docid, in: number) { total = total &- best.bound &+ best.learned }
                guard total > 0 else { continue }
                let units = prepared.units
                let compared =
                    boost.map {
                        units.comparable(total, in: number, factor: $0.factor(segment: number, docid: docid))
                    } ?? units.comparable(total, in: number)
                scores[place] = units.score(compared)
            }
        }
        return scores
    }
}
