import FileStorage

/// The index of another engine on its way into segments: the lists of one field, recorded as they came, and the documents, which
/// in the formats of the field stand behind them.
///
/// Values are recorded as they are and become impacts on the way into a segment, for their largest is known only at the end.
package struct ForeignIndex: @unchecked Sendable {
    // Safe to send: the record's file is written in `init` alone, and is read by position.
    /// Which field it becomes.
    package let field: Field
    /// Learned: what values are multiplied with to become impacts; 1 leaves them as they are.
    package var factor: Float = 1
    private let record: RecordedPostings
    private var ids = TermNumbers()
    private var wordCounts: [UInt32] = []

    /// Reads a source to its end.
    /// - Parameters:
    ///   - source: Its values are frequencies or impacts of any size, so it says that it is of the text field.
    ///   - documents: How many there are.
    ///   - directory: Where what does not fit into memory waits.
    /// - Throws: What the source throws, ``IndexError/storage(_:)``.
    package init(
        _ field: Field, _ source: some PostingSource, documents: Int, directory: String
    ) throws(IndexError) {
        self.field = field
        record = try RecordedPostings(source, documents: documents, directory: directory)
    }

    /// Documents so far.
    package var documents: Int { ids.count }

    /// The next document.
    /// - Parameter words: Its length; 0 in a learned field.
    /// - Returns: The number of an earlier document with the same id, which refuses this one.
    package mutating func append(id: String, words: UInt32) -> Int? {
        var id = id
        let known = id.withUTF8 { bytes -> Int? in
            if let known = unsafe ids.find(bytes) { return known }
            unsafe ids.append(bytes)
            return nil
        }
        if known == nil { wordCounts.append(words) }
        return known
    }

    /// Ranges of documents that surely fit into a segment each.
    /// - Parameter most: Bytes of a segment's postings.
    func ranges(most: Int) -> [Range<Int>] {
        let parts = max(1, (max(record.bytes, ids.byteCount) + most - 1) / most)
        let size = max(1, (documents + parts - 1) / parts)
        return stride(from: 0, to: documents, by: size).map { $0..<min(documents, $0 + size) }
    }

    /// Writes a range of the documents as a segment.
    /// - Returns: What a commit says of it; of the scale nothing yet.
    /// - Throws: ``IndexError``.
    func write(
        _ range: Range<Int>, to directory: String, name: String, permissions: UInt32?, options: IndexOptions,
        reorder: Bool
    ) throws(IndexError) -> SegmentEntry {
        let (count, first) = (range.count, UInt32(range.lowerBound))
        let part = PostingsOfRange(record.moved(to: nil), range: first..<first + UInt32(count))
        var order: [UInt32]?
        var places: [UInt32]?
        if reorder, count >= DocumentOrder.fewestDocuments {
            let found = try DocumentOrder.bisect(documents: count, part, memory: options.workBytes * 3 / 4)
            var inverse = found
            for (place, number) in found.enumerated() { inverse[Int(number)] = UInt32(place) }
            (order, places) = (found, inverse)
        }
        let counts = order.map { $0.map { wordCounts[range.lowerBound + Int($0)] } } ?? Array(wordCounts[range])
        let writer = try SegmentWriter(
            to: directory, name: name, permissions: permissions, wordCounts: counts, profile: options.profile,
            storesVectors: options.storesVectors)
        var dropped = 0
        for field in Field.allCases where field == .text ? options.hasText : options.hasLearned {
            guard field == self.field else {
                try writer.write(NoPostings(field: field))
                continue
            }
            let tally = Tally()
            try writer.write(
                ForeignPostings(part, field, factor: field == .learned ? factor : 1, places: places, count, tally))
            dropped += tally.dropped
        }
        let descending = ids.ascending().reversed().compactMap { number -> UInt32? in
            guard range.contains(Int(number)) else { return nil }
            return places?[Int(number) - range.lowerBound] ?? number - first
        }
        // A typed error does not pass through a closure that rethrows.
        let written: Result<SegmentEntry, IndexError> = unsafe ids.withTerms { id in
            do throws(IndexError) {
                return unsafe .success(
                    try writer.finish(
                        rows: order ?? Array(0..<UInt32(count)), descending: descending, isReordered: order != nil,
                        id: { docid in unsafe id(range.lowerBound + (order.map { Int($0[docid]) } ?? docid)) }))
            } catch { return .failure(error) }
        }
        var entry = try written.get()
        entry.dropped = dropped
        return entry
    }
}

/// A field without any.
private struct NoPostings: PostingSource {
    let field: Field
    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool { false }
}

/// The postings of neighbouring documents, counted from the first of them.
private struct PostingsOfRange: PostingSource {
    var field: Field { record.field }
    private var record: RecordedPostings
    private let range: Range<UInt32>

    init(_ record: RecordedPostings, range: Range<UInt32>) { (self.record, self.range) = (record, range) }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
        while try record.next(&list) {
            // Most often all documents are asked for.
            let isWhole = list.docids.first.map { $0 >= range.lowerBound } ?? true
            if !isWhole || list.docids.last.map({ $0 >= range.upperBound }) ?? false {
                let kept = list.docids.indices.filter { range.contains(list.docids[$0]) }
                list.values = kept.map { list.values[$0] }
                list.docids = kept.map { list.docids[$0] }
            }
            guard !list.docids.isEmpty else { continue }
            if range.lowerBound > 0 {
                for place in list.docids.indices { list.docids[place] -= range.lowerBound }
            }
            return true
        }
        return false
    }
}

/// What did not become an impact.
private final class Tally { var dropped = 0 }

/// Recorded values as those of a field, each document at its place.
private struct ForeignPostings: PostingSource {
    let field: Field
    private var source: PostingsOfRange
    private let factor: Float
    private let places: [UInt32]?
    private var order: PostingOrder
    private let tally: Tally

    init(
        _ source: PostingsOfRange, _ field: Field, factor: Float, places: [UInt32]?, _ documents: Int, _ tally: Tally
    ) {
        (self.source, self.field, self.factor, self.places, self.tally) = (source, field, factor, places, tally)
        order = PostingOrder(documents: documents)
    }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
        while try source.next(&list) {
            if factor != 1 { scale(&list) }
            guard !list.docids.isEmpty else { continue }
            if let places {
                for place in list.docids.indices { list.docids[place] = places[Int(list.docids[place])] }
                order.sort(&list)
            }
            return true
        }
        return false
    }

    /// What rounds to nothing is left out, as where vectors are indexed.
    private func scale(_ list: inout PostingList) {
        var kept = 0
        for place in list.values.indices {
            let impact = (Float(list.values[place]) * factor).rounded()
            guard impact >= 1 else { continue }
            list.docids[kept] = list.docids[place]
            list.values[kept] = UInt32(min(impact, 255))
            kept += 1
        }
        tally.dropped += list.values.count - kept
        list.docids.removeSubrange(kept...)
        list.values.removeSubrange(kept...)
    }
}

extension IndexWriter {
    /// Adds the index of another engine as segments, unpublished until ``commit()``. The writer has no other documents.
    /// - Parameters:
    ///   - reorder: Whether similar documents become neighbours.
    ///   - most: Bytes of a segment's postings; more make several segments.
    /// - Throws: ``IndexError``.
    package func add(
        _ foreign: ForeignIndex, reorder: Bool, most: Int = 2 << 30
    ) throws(IndexError) {
        precondition(documentCount == 0, "an index of its own")
        for range in foreign.ranges(most: most) {
            let number = takeNumber()
            var entry = try foreign.write(
                range, to: directory, name: IndexFile.segment(named: number), permissions: permissions,
                options: options, reorder: reorder)
            // None came along, but what is added later brings some, and joined segments have all or none.
            if let texts {
                let path = directory + "/" + IndexFile.texts(named: number)
                for start in stride(from: 0, to: range.count, by: 1 << 12) {
                    let count = min(1 << 12, range.count - start)
                    try texts.append([StoredText](repeating: StoredText(), count: count), to: path + ".tmp")
                }
                let written = try texts.finish(packs: false)
                entry.texts = try SegmentEntry.Texts(
                    adopting: path, identity: written.identity, permissions: permissions)
            }
            entry.scale = options.hasLearned ? options.learnedScale : nil
            segments.append(try Segment(directory: directory, entry: entry))
        }
    }
}
