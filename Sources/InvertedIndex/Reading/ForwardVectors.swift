/// The learned vectors of neighbouring documents of a segment, made of its posting lists: lists turned round, some documents at
/// a time, so that memory is theirs alone.
package struct ForwardVectors {
    /// The documents.
    package let docids: Range<Int>
    /// Where each document's terms begin in the arrays below; one more for the end.
    package private(set) var starts: [Int]
    /// Numbers of terms in the segment's dictionary, ascending in each document.
    package private(set) var terms: [UInt32]
    /// Impacts, 1…255.
    package private(set) var impacts: [UInt8]

    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(terms of the segment × log blocks + postings of the documents).
    package init(_ snapshot: IndexSnapshot, view: Int, docids: Range<Int>) throws(IndexError) {
        self.docids = docids
        starts = [Int](repeating: 0, count: docids.count + 1)
        let segment = snapshot.views[view].segment
        (terms, impacts) = ([], [])
        guard let reader = segment.fields[.learned] else { return }
        var counts = starts
        try Self.visit(segment, reader, docids) { place, _, _ in counts[place + 1] += 1 }
        for place in 0..<docids.count { counts[place + 1] += counts[place] }
        starts = counts
        var (terms, impacts) = (
            [UInt32](repeating: 0, count: counts[docids.count]), [UInt8](repeating: 0, count: counts[docids.count])
        )
        try Self.visit(segment, reader, docids) { place, term, impact in
            terms[counts[place]] = UInt32(term)
            impacts[counts[place]] = UInt8(truncatingIfNeeded: impact)
            counts[place] += 1
        }
        (self.terms, self.impacts) = (terms, impacts)
        // What was read of a large file would stay mapped.
        if segment.entry.bytes > Self.mostMapped { segment.releasePages() }
    }

    private static let mostMapped = 64 << 20

    /// Where the terms of a docid stand.
    package func range(of docid: Int) -> Range<Int> {
        starts[docid - docids.lowerBound]..<starts[docid - docids.lowerBound + 1]
    }

    /// Calls `body` with each posting of some documents: the document's place among them, the term, the impact.
    private static func visit(
        _ segment: Segment, _ reader: FieldReader, _ docids: Range<Int>, _ body: (Int, Int, UInt32) -> Void
    ) throws(IndexError) {
        var room = (
            docids: [UInt32](repeating: 0, count: blockSize), values: [UInt32](repeating: 0, count: blockSize)
        )
        for term in 0..<reader.terms {
            let blocks = reader.blocks(ofTerm: term)
            var block = reader.block(of: UInt32(docids.lowerBound), from: blocks.lowerBound, to: blocks.upperBound)
            while block < blocks.upperBound {
                try segment.verify(blocks: block..<block + 1, of: reader)
                let count = reader.size(ofBlock: block, ofTerm: term)
                unsafe room.docids.withUnsafeMutableBufferPointer { docids in
                    unsafe room.values.withUnsafeMutableBufferPointer { values in
                        guard let docids = docids.baseAddress, let values = values.baseAddress else { return }
                        unsafe reader.unpack(block: block, ofTerm: term, docids: docids, values: values)
                    }
                }
                for place in 0..<count where docids.contains(Int(room.docids[place])) {
                    body(Int(room.docids[place]) - docids.lowerBound, term, room.values[place])
                }
                if Int(room.docids[count - 1]) >= docids.upperBound - 1 { break }
                block += 1
            }
        }
    }
}

extension IndexSnapshot {
    /// The terms of a segment's learned field, in the order of their numbers.
    package func learnedTerms(ofView view: Int) -> [String] {
        guard let reader = views[view].segment.fields[.learned] else { return [] }
        return (0..<reader.terms).map { unsafe String(decoding: reader.termUTF8($0), as: UTF8.self) }
    }

    /// Σ weight × impact of each document of a segment, one term after another: what every traversal has to find.
    /// - Parameters:
    ///   - terms: Distinct, with integer weights.
    ///   - impacts: What stands for each of the segment's own impacts, as of ``ImpactScales``.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    package func impactSums(
        _ terms: [(term: String, weight: UInt32)], inView view: Int, impacts: [UInt32]
    ) throws(IndexError) -> [UInt64] {
        let segment = views[view].segment
        var sums = [UInt64](repeating: 0, count: segment.documents)
        guard let reader = segment.fields[.learned] else { return sums }
        for (term, weight) in terms {
            guard let number = reader.number(of: term) else { continue }
            try segment.verify(term: number, of: reader)
            let list = reader.postings(ofTerm: number)
            for (docid, value) in zip(list.docids, list.values) {
                sums[Int(docid)] += UInt64(weight) * UInt64(impacts[Int(value)])
            }
        }
        return sums
    }

    /// How many of some docids of a segment count.
    package func count(ofView view: Int, docids: Range<Int>) -> Int {
        guard let documents = views[view].documents else { return docids.count }
        return docids.count { documents.contains(UInt32($0)) }
    }

    /// What this commit holds, as a name that another content would not have.
    package var identity: String {
        views.map { "\($0.segment.entry.file):\($0.segment.entry.crc32c):\($0.count)" }.joined(separator: " ")
    }

    /// The views' places where rows begin: documents that count are numbered through all segments.
    /// - Parameter size: Rows from one place to the next.
    /// - Returns: Of each part, which docids of which segments it is.
    package func parts(of size: Int) -> [[(view: Int, docids: Range<Int>)]] {
        var parts: [[(view: Int, docids: Range<Int>)]] = []
        var (current, rows): ([(view: Int, docids: Range<Int>)], Int) = ([], 0)
        for (number, view) in views.enumerated() {
            var start = 0
            for docid in 0..<view.segment.documents where view.documents?.contains(UInt32(docid)) ?? true {
                rows += 1
                guard rows == size else { continue }
                parts.append(current + [(number, start..<docid + 1)])
                (current, rows, start) = ([], 0, docid + 1)
            }
            if start < view.segment.documents { current.append((number, start..<view.segment.documents)) }
        }
        if rows > 0 { parts.append(current) }
        return parts
    }
}

extension Segment {
    /// Postings of the learned field, those of deleted documents too.
    package var learnedPostings: Int { fields[.learned]?.postingCount ?? 0 }
}
