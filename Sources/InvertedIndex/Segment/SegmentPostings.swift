import FileStorage

/// The postings of several segments as those of one: a merge of their sorted dictionaries, at each step the smallest term of all.
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
    /// Of each part, what becomes of its impacts; none where they stay what they are.
    private let tables: [[UInt32]]
    /// Bytes read of the segments since their pages were let go.
    private var read = 0
    /// Where postings that have been read stay mapped until then.
    private static let mostRead = 64 << 20

    /// - Parameter tables: Of each part, 256 impacts in the place of its own; none leaves them all.
    init(_ segments: [Segment], _ documents: MergedDocuments, _ field: Field, tables: [[UInt32]] = []) {
        self.field = field
        self.tables = tables
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
                    unsafe reader.termUTF8(next[part]).elementsEqual(list.term)
                else { continue }
                read += reader.postingBytes(ofTerm: next[part]).count
                try append(term: next[part], of: reader, part: part, to: &list)
                next[part] += 1
            }
            if read > Self.mostRead {
                for part in parts { part.segment.releasePages() }
                read = 0
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
            let bytes = unsafe reader.termUTF8(term)
            if unsafe smallest.map({ unsafe bytes.lexicographicallyPrecedes($0) }) ?? true {
                unsafe smallest = unsafe bytes
            }
        }
        guard let smallest = unsafe smallest else { return false }
        list.term.removeAll(keepingCapacity: true)
        unsafe list.term.append(contentsOf: smallest)
        return true
    }

    /// - Throws: ``IndexError/corrupt(path:detail:)`` where docids do not ascend, although their checksum holds: what is built of them
    ///   would be damaged, too.
    private mutating func append(
        term: Int, of reader: FieldReader, part: Int, to list: inout PostingList
    ) throws(IndexError) {
        let documents = documents
        let start = list.values.count
        let segment = parts[part].segment
        var isSound = true
        // One past the docid before.
        var least = 0
        unsafe room.docids.withUnsafeMutableBufferPointer { docids in
            unsafe room.values.withUnsafeMutableBufferPointer { values in
                guard let docidRoom = docids.baseAddress, let valueRoom = values.baseAddress else { return }
                for block in unsafe Int(reader.termBlocks[term])..<Int(reader.termBlocks[term + 1]) {
                    unsafe reader.unpack(block: block, ofTerm: term, docids: docidRoom, values: valueRoom)
                    let count = reader.size(ofBlock: block, ofTerm: term)
                    for place in 0..<count {
                        let docid = unsafe Int(docidRoom[place])
                        isSound = isSound && docid >= least
                        least = docid + 1
                    }
                    isSound = isSound && least <= segment.documents
                    guard isSound else { return }
                    unsafe documents.append(
                        UnsafeBufferPointer(start: docidRoom, count: count),
                        UnsafeBufferPointer(start: valueRoom, count: count), of: part, to: &list)
                }
            }
        }
        guard isSound else {
            throw .corrupt(
                path: segment.path,
                detail:
                    "the docids of '\(String(decoding: list.term, as: UTF8.self))' in the \(field.rawValue) field do not ascend"
            )
        }
        guard !tables.isEmpty else { return }
        for place in start..<list.values.count { list.values[place] = tables[part][Int(list.values[place])] }
    }
}
