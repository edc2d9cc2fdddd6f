/// All documents of a snapshot as those of one segment, for whoever hands them on: docids run through all segments without the
/// documents that do not count, and learned impacts are on one scale.
///
/// Reads the lists once from the first term to the last; a copy begins anew.
package struct MergedPostings: PostingSource {
    private let snapshot: IndexSnapshot
    private let documents: MergedDocuments
    private var source: SegmentPostings
    /// Learned: impact per unit of weight, the smallest of the segments', so that no impact is cut off.
    package let scale: Float
    /// Whether segments had other scales, so that impacts were rounded again.
    package let isRescaled: Bool

    /// - Throws: ``IndexError/corrupt(path:detail:)`` when a segment is not as it was written.
    package init(_ snapshot: IndexSnapshot, _ field: Field) throws(IndexError) {
        for segment in snapshot.segments {
            try segment.verify()
            segment.releasePages()
        }
        self.snapshot = snapshot
        documents = MergedDocuments(snapshot.views)
        let scales = ImpactScales(snapshot)
        (scale, isRescaled) = (scales.common, scales.isRescaled)
        let tables = field == .learned && scales.isRescaled ? scales.tables : []
        source = SegmentPostings(snapshot.segments, documents, field, tables: tables)
    }

    package var field: Field { source.field }
    /// Documents that count.
    package var count: Int { documents.count }

    package mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool { try source.next(&list) }

    /// The external id of a docid.
    package func id(_ docid: Int) -> String {
        let (part, local) = documents.source(of: docid)
        return snapshot.segments[part].id(local)
    }

    /// The exact lengths of all documents in words.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    package func wordCounts() throws(IndexError) -> [UInt32] {
        var counts = [UInt32](repeating: 0, count: count)
        for (part, view) in snapshot.views.enumerated() {
            for (docid, words) in try view.segment.exactWordCounts().enumerated() {
                let place = documents.place(of: docid, in: part)
                if place != MergedDocuments.hidden { counts[Int(place)] = words }
            }
        }
        return counts
    }
}

/// The learned scales of a snapshot's segments brought to the smallest of them.
package struct ImpactScales {
    /// Impact per unit of weight on the common scale.
    package let common: Float
    /// Whether a segment has another one.
    package let isRescaled: Bool
    /// Of each segment, the impact on the common scale for each of its own; at least 1, as what a segment holds is not lost.
    package let tables: [[UInt32]]

    /// The scales of the segments that have learned postings.
    package init(_ snapshot: IndexSnapshot) {
        let scales = snapshot.views.filter { ($0.segment.fields[.learned]?.terms ?? 0) > 0 }.map(\.scale)
        let smallest = scales.min() ?? snapshot.commit.learnedScale ?? 1
        common = smallest
        isRescaled = scales.contains { $0 != smallest }
        tables = snapshot.views.map { view in
            (0..<256).map { impact in
                impact == 0 ? 0 : UInt32(max(1, (Float(impact) * (smallest / view.scale)).rounded()))
            }
        }
    }
}
