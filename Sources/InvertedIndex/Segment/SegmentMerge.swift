import FileStorage

/// Joins segments into one, in docid order or in an order of similar neighbours; no score changes.
struct SegmentMerge {
    private let segments: [Segment]
    /// The first joined docid of each segment.
    private let bases: [UInt32]
    private let documents: Int
    /// The new docid of each joined docid; nil keeps the order.
    private let places: [UInt32]?
    private let profile: IndexProfile

    /// - Parameter reorder: Whether similar documents become neighbours.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` when a segment is not as it was written: a new checksum must not
    ///   cover old damage.
    init(_ segments: [Segment], profile: IndexProfile, reorder: Bool) throws(IndexError) {
        for segment in segments { try segment.verify() }
        self.segments = segments
        self.profile = profile
        var bases: [UInt32] = []
        var base: UInt32 = 0
        for segment in segments {
            bases.append(base)
            base += UInt32(segment.documents)
        }
        self.bases = bases
        documents = Int(base)
        guard reorder, documents >= DocumentOrder.fewestDocuments else {
            places = nil
            return
        }
        let field: Field = segments.contains { $0.fields[.learned] != nil } ? .learned : .text
        let order = DocumentOrder.bisect(documents: documents) { body in
            Self.forEachTerm(segments, bases, field) { _, docids, _ in body(docids) }
        }
        var places = [UInt32](repeating: 0, count: documents)
        for (place, docid) in order.enumerated() { places[Int(docid)] = UInt32(place) }
        self.places = places
    }

    func write(to directory: String, name: String, permissions: UInt32?) throws(IndexError) -> SegmentEntry {
        var ids = [String](repeating: "", count: documents)
        var rows = [UInt32](repeating: 0, count: documents)
        var lengths = [UInt8](repeating: 0, count: documents)
        var wordCounts = [UInt32](repeating: 0, count: documents)
        for (segment, base) in zip(segments, bases) {
            let words = try segment.exactWordCounts()
            for docid in 0..<segment.documents {
                let place = places.map { Int($0[Int(base) + docid]) } ?? Int(base) + docid
                ids[place] = segment.id(docid)
                // Texts are joined one file after another.
                rows[place] = base + segment.row(docid)
                lengths[place] = segment.lengths[docid]
                wordCounts[place] = words[docid]
            }
        }
        let fields = Field.allCases.filter { field in segments.contains { $0.fields[field] != nil } }
        let encoders = fields.map { field in
            var encoder = FieldEncoder(field: field, documents: documents, profile: profile)
            Self.forEachTerm(segments, bases, field) { term, docids, values in
                var (docids, values) = (docids, values)
                if let places { Self.permute(&docids, &values, places) }
                encoder.append(term, docids: docids, values: values, lengths: field == .text ? lengths : [])
            }
            return encoder
        }
        let entries = segments.map(\.entry)
        do throws(StorageError) {
            return try SegmentFile.write(
                to: directory, name: name, permissions: permissions, ids: ids, rows: rows, lengths: lengths,
                wordCounts: wordCounts, fields: encoders, words: entries.reduce(0) { $0 + $1.words },
                documentsWithText: entries.reduce(0) { $0 + $1.documentsWithText },
                clipped: entries.reduce(0) { $0 + $1.clipped }, dropped: entries.reduce(0) { $0 + $1.dropped },
                scale: entries.compactMap(\.scale).first,
                isReordered: places != nil || segments.count == 1 && segments[0].entry.isReordered)
        } catch { throw .storage(error) }
    }

    private static func permute(_ docids: inout [UInt32], _ values: inout [UInt32], _ places: [UInt32]) {
        var pairs = zip(docids, values).map { UInt64(places[Int($0)]) << 32 | UInt64($1) }
        pairs.sort()
        for (index, pair) in pairs.enumerated() {
            docids[index] = UInt32(pair >> 32)
            values[index] = UInt32(truncatingIfNeeded: pair)
        }
    }

    /// A merge of the sorted dictionaries: at each step the smallest term of all, with its joined list.
    private static func forEachTerm(
        _ segments: [Segment], _ bases: [UInt32], _ field: Field,
        _ body: (_ term: [UInt8], _ docids: [UInt32], _ values: [UInt32]) -> Void
    ) {
        let readers = segments.map { $0.fields[field] }
        var next = [Int](repeating: 0, count: segments.count)
        while true {
            var smallest: [UInt8]?
            for (reader, term) in zip(readers, next) {
                guard let reader, term < reader.terms else { continue }
                let bytes = reader.termUTF8(term)
                if smallest.map({ bytes.lexicographicallyPrecedes($0) }) ?? true { smallest = Array(bytes) }
            }
            guard let smallest else { return }
            var docids: [UInt32] = []
            var values: [UInt32] = []
            for index in segments.indices {
                guard let reader = readers[index], next[index] < reader.terms,
                    reader.termUTF8(next[index]).elementsEqual(smallest)
                else { continue }
                let list = reader.postings(ofTerm: next[index])
                docids.append(contentsOf: list.docids.lazy.map { $0 + bases[index] })
                values.append(contentsOf: list.values)
                next[index] += 1
            }
            body(smallest, docids, values)
        }
    }
}
