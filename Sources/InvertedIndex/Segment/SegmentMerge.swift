import FileStorage

/// Joins segments into one, without the documents that do not count, in docid order or in an order of similar neighbours; no
/// score changes.
///
/// A value that touches nothing but the segments that it reads and the file that it writes, so that it runs beside the writer.
struct SegmentMerge: Sendable {
    private let views: [SegmentView]
    private let documents: MergedDocuments
    private let isReordered: Bool
    private let profile: IndexProfile

    /// - Parameter reorder: Whether similar documents become neighbours.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` when a segment is not as it was written: a new checksum must not
    ///   cover old damage.
    init(_ views: [SegmentView], profile: IndexProfile, reorder: Bool) throws(IndexError) {
        for view in views { try view.segment.verify() }
        self.views = views
        self.profile = profile
        var documents = MergedDocuments(views)
        let reorders = reorder && documents.count >= DocumentOrder.fewestDocuments
        isReordered = reorders || views.count == 1 && views[0].segment.entry.isReordered
        if reorders {
            let field: Field = views.contains { $0.segment.fields[.learned] != nil } ? .learned : .text
            let postings = SegmentPostings(views.map(\.segment), documents, field)
            documents.reorder(try DocumentOrder.bisect(documents: documents.count, postings))
        }
        self.documents = documents
    }

    /// Of each segment, the rows of its texts that the joined segment has, ascending; nil for all of them. Texts are joined in
    /// this order, one file after another, and get new rows from 0.
    var rows: [[UInt32]?] {
        views.map { view in
            guard view.hidden > 0 else { return nil }
            return (0..<view.segment.documents).compactMap { docid in
                view.documents?.contains(UInt32(docid)) ?? true ? view.segment.row(docid) : nil
            }.sorted()
        }
    }

    func write(to directory: String, name: String, permissions: UInt32?) throws(IndexError) -> SegmentEntry {
        var ids: [String] = []
        var lengths: [UInt8] = []
        var wordCounts: [UInt32] = []
        var counts: [[UInt32]] = []
        for view in views { counts.append(try view.segment.exactWordCounts()) }
        for place in 0..<documents.count {
            let (part, docid) = documents.source(of: place)
            ids.append(views[part].segment.id(docid))
            lengths.append(views[part].segment.lengths[docid])
            wordCounts.append(counts[part][docid])
        }
        let segments = views.map(\.segment)
        var encoders: [FieldEncoder] = []
        for field in Field.allCases where segments.contains(where: { $0.fields[field] != nil }) {
            var encoder = FieldEncoder(field: field, documents: documents.count, profile: profile)
            var source = SegmentPostings(segments, documents, field)
            var list = PostingList()
            while try source.next(&list) {
                encoder.append(
                    list.term, docids: list.docids, values: list.values, lengths: field == .text ? lengths : [])
            }
            encoders.append(encoder)
        }
        let entries = segments.map(\.entry)
        do throws(StorageError) {
            return try SegmentFile.write(
                to: directory, name: name, permissions: permissions, ids: ids, rows: newRows, lengths: lengths,
                wordCounts: wordCounts, fields: encoders, words: wordCounts.reduce(0) { $0 + Int($1) },
                documentsWithText: lengths.count { $0 > 0 }, clipped: entries.reduce(0) { $0 + $1.clipped },
                dropped: entries.reduce(0) { $0 + $1.dropped }, scale: entries.compactMap(\.scale).first,
                isReordered: isReordered)
        } catch { throw .storage(error) }
    }

    /// The row of each document in the joined texts.
    private var newRows: [UInt32] {
        var base: UInt32 = 0
        var numbers: [[UInt32]] = []
        for (view, rows) in zip(views, rows) {
            var number = [UInt32](repeating: 0, count: view.segment.documents)
            if let rows {
                for (place, row) in rows.enumerated() { number[Int(row)] = base + UInt32(place) }
            } else {
                for row in number.indices { number[row] = base + UInt32(row) }
            }
            base += UInt32(view.count)
            numbers.append(number)
        }
        return (0..<documents.count).map { place in
            let (part, docid) = documents.source(of: place)
            return numbers[part][Int(views[part].segment.row(docid))]
        }
    }
}
