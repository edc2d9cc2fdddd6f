import FileStorage

/// Joins segments into one: docids shift, lists are appended, no score changes.
struct SegmentMerge {
    private let segments: [Segment]

    init(_ segments: [Segment]) { self.segments = segments }

    func write(to directory: String, name: String) throws(IndexError) -> SegmentEntry {
        var ids: [String] = []
        var lengths: [UInt8] = []
        for segment in segments {
            for docid in 0..<segment.documents { ids.append(segment.id(docid)) }
            lengths.append(contentsOf: segment.lengths)
        }
        let fields = Field.allCases.filter { field in segments.contains { $0.fields[field] != nil } }
        let encoders = fields.map { join($0, lengths: $0 == .text ? lengths : []) }
        let entries = segments.map(\.entry)
        do throws(StorageError) {
            return try SegmentFile.write(
                to: directory, name: name, ids: ids, lengths: lengths, fields: encoders,
                words: entries.reduce(0) { $0 + $1.words },
                documentsWithText: entries.reduce(0) { $0 + $1.documentsWithText },
                clipped: entries.reduce(0) { $0 + $1.clipped }, dropped: entries.reduce(0) { $0 + $1.dropped })
        } catch { throw .storage(error) }
    }

    /// A merge of the sorted dictionaries: at each step the smallest term of all.
    private func join(_ field: Field, lengths: [UInt8]) -> FieldEncoder {
        var encoder = FieldEncoder(field: field, documents: segments.reduce(0) { $0 + $1.documents })
        var bases: [UInt32] = []
        var base: UInt32 = 0
        for segment in segments {
            bases.append(base)
            base += UInt32(segment.documents)
        }
        let readers = segments.map { $0.fields[field] }
        var next = [Int](repeating: 0, count: segments.count)
        while true {
            var smallest: [UInt8]?
            for (reader, term) in zip(readers, next) {
                guard let reader, term < reader.terms else { continue }
                let bytes = reader.termUTF8(term)
                if smallest.map({ bytes.lexicographicallyPrecedes($0) }) ?? true { smallest = Array(bytes) }
            }
            guard let smallest else { return encoder }
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
            encoder.append(smallest, docids: docids, values: values, lengths: lengths)
        }
    }
}
