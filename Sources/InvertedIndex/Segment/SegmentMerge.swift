import FileStorage

/// Joins segments into one, without the documents that do not count, in docid order or in an order of similar neighbours; no
/// score changes.
///
/// A value that touches nothing but the segments that it reads and the file that it writes, so that it runs beside the writer.
struct SegmentMerge: Sendable {
    private let views: [SegmentView]
    private var documents: MergedDocuments
    /// Whether similar documents become neighbours in this merge, and whether they are in the end.
    private let reorders: Bool
    private let isReordered: Bool
    private let profile: IndexProfile
    private let memory: Int

    /// - Parameters:
    ///   - reorder: Whether similar documents become neighbours.
    ///   - memory: Bytes that ordering them may take.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` when a segment is not as it was written: a new checksum must not cover
    ///   old damage.
    init(
        _ views: [SegmentView], profile: IndexProfile, reorder: Bool, memory: Int = IndexOptions().memoryBytes
    ) throws(IndexError) {
        for view in views {
            try view.segment.verify()
            view.segment.releasePages()
        }
        self.views = views
        self.profile = profile
        self.memory = memory
        documents = MergedDocuments(views)
        reorders = reorder && documents.count >= DocumentOrder.fewestDocuments
        isReordered = reorders || views.count == 1 && views[0].segment.entry.isReordered
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

    /// Writes the joined segment.
    /// - Parameters packs, texts: As for ``SegmentWriter``.
    /// - Throws: ``IndexError``.
    func write(
        to directory: String, name: String, permissions: UInt32?, packs: Bool = false,
        texts: SegmentWriter.TextsEnd = { (_) throws(IndexError) in nil }
    ) throws(IndexError) -> SegmentEntry {
        let segments = views.map(\.segment)
        for segment in segments { segment.adviseMerge(true) }
        defer { for segment in segments { segment.adviseMerge(false) } }
        guard reorders else { return try write(to: directory, name, permissions, nil, packs, texts) }
        // The lists of the field that decides are decoded once, whatever happens to them.
        let field: Field = segments.contains { $0.fields[.learned] != nil } ? .learned : .text
        let postings = SegmentPostings(segments, documents, field)
        let record = try RecordedPostings(postings, documents: documents.count, directory: directory)
        for segment in segments { segment.releasePages() }
        let order = try DocumentOrder.bisect(documents: documents.count, record, memory: memory)
        var merge = self
        merge.documents.reorder(order)
        var places = order
        for (place, number) in order.enumerated() { places[Int(number)] = UInt32(place) }
        return try merge.write(to: directory, name, permissions, record.moved(to: places), packs, texts)
    }

    private func write(
        to directory: String, _ name: String, _ permissions: UInt32?, _ record: RecordedPostings?, _ packs: Bool,
        _ texts: SegmentWriter.TextsEnd
    ) throws(IndexError) -> SegmentEntry {
        let segments = views.map(\.segment)
        let hasPassages = holdsPassages
        let writer = try SegmentWriter(
            to: directory, name: name, permissions: permissions, wordCounts: try wordCounts(), profile: profile,
            storesVectors: segments.contains { $0.vectors != nil }, storesPassages: hasPassages)
        let numbering = hasPassages ? TermNumbering(segments) : nil
        for field in Field.allCases where segments.contains(where: { $0.fields[field] != nil }) {
            let numbering = field == .learned ? numbering : nil
            if let record, record.field == field {
                try writer.write(NumberedPostings(record, numbering))
            } else {
                try writer.write(NumberedPostings(SegmentPostings(segments, documents, field), numbering))
            }
        }
        if let numbering { try writePassages(to: writer, numbering.numbers) }
        var entry = try unsafe writer.finish(
            rows: newRows, descending: descending, isReordered: isReordered,
            id: { place in
                let (part, docid) = documents.source(of: place)
                return unsafe segments[part].idUTF8(docid)
            }, packs: packs, texts: texts)
        for segment in segments {
            entry.clipped += segment.entry.clipped
            entry.dropped += segment.entry.dropped
            segment.releasePages()
        }
        entry.scale = segments.first(where: \.hasImpacts)?.entry.scale ?? segments.compactMap(\.entry.scale).first
        return entry
    }

    /// Whether a document that counts is more than one passage.
    private var holdsPassages: Bool {
        views.contains { view in
            guard let passages = view.segment.passages else { return false }
            return (0..<view.segment.documents).contains { docid in
                !passages.passages(of: docid).isEmpty && view.documents?.contains(UInt32(docid)) ?? true
            }
        }
    }

    /// - Parameter numbers: Of each part, the new numbers of its terms.
    private func writePassages(to writer: SegmentWriter, _ numbers: [[UInt32]]) throws(IndexError) {
        try writer.writePassages { (place) throws(IndexError) in
            let (part, docid) = documents.source(of: place)
            let segment = views[part].segment
            var joined: [PassageVector] = []
            for number in try segment.verifiedPassages(of: docid) {
                guard var passage = try segment.passage(number, of: docid) else { continue }
                passage.vector = passage.vector.map { (Int(numbers[part][$0.term]), $0.impact) }
                joined.append(passage)
            }
            return joined
        }
    }

    private func wordCounts() throws(IndexError) -> [UInt32] {
        var joined = [UInt32](repeating: 0, count: documents.count)
        for (part, view) in views.enumerated() {
            for (docid, words) in try view.segment.exactWordCounts().enumerated() {
                let place = documents.place(of: docid, in: part)
                if place != MergedDocuments.hidden { joined[Int(place)] = words }
            }
        }
        return joined
    }

    /// The docids by external id, descending.
    private var descending: [UInt32] {
        DescendingIDs(views).map { documents.place(of: $0.docid, in: $0.part) }
    }

    /// The row of each document in the joined texts.
    private var newRows: [UInt32] {
        var joined = [UInt32](repeating: 0, count: documents.count)
        var base = 0
        for (part, (view, rows)) in zip(views, rows).enumerated() {
            var number: [UInt32] = []
            if let rows {
                number = [UInt32](repeating: 0, count: view.segment.documents)
                for (place, row) in rows.enumerated() { number[Int(row)] = UInt32(place) }
            }
            for docid in 0..<view.segment.documents {
                let place = documents.place(of: docid, in: part)
                guard place != MergedDocuments.hidden else { continue }
                let row = view.segment.row(docid)
                joined[Int(place)] = UInt32(base) + (number.isEmpty ? row : number[Int(row)])
            }
            base += view.count
        }
        return joined
    }
}
