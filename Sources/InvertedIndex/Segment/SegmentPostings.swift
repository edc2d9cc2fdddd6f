import FileStorage

/// The postings of several segments as those of one: a merge of their sorted dictionaries, at each step the smallest term of all.
///
/// What is read is compared with the checksums first: a new checksum must not cover old damage.
struct SegmentPostings: PostingSource {
    let field: Field
    private let parts: [(segment: Segment, reader: FieldReader?)]
    private let documents: MergedDocuments
    /// The next term of each part.
    private var next: [Int]
    private var room = (
        docids: [UInt32](repeating: 0, count: blockSize), values: [UInt32](repeating: 0, count: blockSize)
    )
    private var order: PostingOrder

    init(_ segments: [Segment], _ documents: MergedDocuments, _ field: Field) {
        self.field = field
        self.documents = documents
        parts = segments.map { ($0, $0.fields[field]) }
        next = [Int](repeating: 0, count: segments.count)
        order = PostingOrder(documents: documents.count)
    }

    mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
        while takeTerm(&list) {
            list.docids.removeAll(keepingCapacity: true)
            list.values.removeAll(keepingCapacity: true)
            for part in parts.indices {
                guard let reader = parts[part].reader, next[part] < reader.terms,
                    reader.termUTF8(next[part]).elementsEqual(list.term)
                else { continue }
                try parts[part].segment.verify(term: next[part], of: reader)
                append(term: next[part], of: reader, part: part, to: &list)
                next[part] += 1
            }
            // A term of hidden documents alone is no term any more.
            guard !list.docids.isEmpty else { continue }
            if !documents.isInOrder { order.sort(&list) }
            return true
        }
        return false
    }

    private func takeTerm(_ list: inout PostingList) -> Bool {
        var smallest: UnsafeBufferPointer<UInt8>?
        for (part, term) in zip(parts, next) {
            guard let reader = part.reader, term < reader.terms else { continue }
            let bytes = reader.termUTF8(term)
            if smallest.map({ bytes.lexicographicallyPrecedes($0) }) ?? true { smallest = bytes }
        }
        guard let smallest else { return false }
        list.term.removeAll(keepingCapacity: true)
        list.term.append(contentsOf: smallest)
        return true
    }

    private mutating func append(term: Int, of reader: FieldReader, part: Int, to list: inout PostingList) {
        let documents = documents
        room.docids.withUnsafeMutableBufferPointer { docids in
            room.values.withUnsafeMutableBufferPointer { values in
                guard let docidRoom = docids.baseAddress, let valueRoom = values.baseAddress else { return }
                for block in Int(reader.termBlocks[term])..<Int(reader.termBlocks[term + 1]) {
                    reader.unpack(block: block, ofTerm: term, docids: docidRoom, values: valueRoom)
                    let count = reader.size(ofBlock: block, ofTerm: term)
                    documents.append(
                        UnsafeBufferPointer(start: docidRoom, count: count),
                        UnsafeBufferPointer(start: valueRoom, count: count), of: part, to: &list)
                }
            }
        }
    }
}
