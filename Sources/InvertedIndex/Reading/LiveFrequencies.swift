import Synchronization

/// The numbers of terms in segments with deleted documents, whose lists and dictionaries still hold these.
///
/// A term is counted when a query first asks for it, from those blocks of its list that can hold a deleted document. Shared by
/// all views of a snapshot's segments, as far as they have the same documents deleted.
final class LiveFrequencies: Sendable {
    struct Numbers {
        let documents: Int
        /// Learned.
        let largestImpact: UInt8
    }

    private struct Key: Hashable {
        let segment: Int
        let isText: Bool
        let term: Int
    }

    private let known = Mutex<[Key: Numbers]>([:])

    /// The live documents of a term, and their largest impact.
    /// - Parameter number: The place of the view in the snapshot.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    /// - Complexity: O(1) where nothing is deleted or the term is known; otherwise O(the list), with little of it read where
    ///   few documents are deleted.
    func numbers(
        ofTerm term: Int, of reader: FieldReader, in view: SegmentView, number: Int
    ) throws(IndexError) -> Numbers {
        guard let live = view.live, live.hidden > 0 else {
            return unsafe Numbers(
                documents: Int(reader.termPostings[term]), largestImpact: reader.largestImpact(ofTerm: term)
            )
        }
        let key = Key(segment: number, isText: reader.field == .text, term: term)
        if let found = known.withLock({ $0[key] }) { return found }
        let counted = try Self.count(term, reader, view.segment, live, wantsLargest: true)
        known.withLock { $0[key] = counted }
        return counted
    }

    /// The live documents of a term, which is not remembered.
    /// - Throws: ``IndexError/corrupt(path:detail:)``.
    static func documents(ofTerm term: Int, of reader: FieldReader, in view: SegmentView) throws(IndexError) -> Int {
        guard let live = view.live, live.hidden > 0 else { return unsafe Int(reader.termPostings[term]) }
        return try count(term, reader, view.segment, live, wantsLargest: false).documents
    }

    private static func count(
        _ term: Int, _ reader: FieldReader, _ segment: Segment, _ live: DocumentSet, wantsLargest: Bool
    ) throws(IndexError) -> Numbers {
        let blocks = reader.blocks(ofTerm: term)
        var room = BlockRoom()
        var (gone, largestGone) = (0, UInt32(0))
        var block = blocks.lowerBound
        var next = live.firstHidden(from: 0)
        while let docid = next {
            block = reader.block(of: UInt32(docid), from: block, to: blocks.upperBound)
            guard block < blocks.upperBound else { break }
            try segment.verify(blocks: block..<block + 1, of: reader)
            room.read(block, of: term, reader)
            for place in 0..<room.count where !live.contains(room.docids[place]) {
                gone += 1
                largestGone = max(largestGone, room.values[place])
            }
            next = unsafe live.firstHidden(from: Int(reader.blockLast[block]) + 1)
            block += 1
        }
        let stored = reader.largestImpact(ofTerm: term)
        var largest = stored
        if wantsLargest, gone > 0, reader.field == .learned, largestGone >= UInt32(stored) {
            // The largest one may be gone; blocks that cannot raise what is found are passed over.
            largest = 0
            for block in blocks where largest < stored && reader.largestValue(ofBlock: block) > largest {
                try segment.verify(blocks: block..<block + 1, of: reader)
                room.read(block, of: term, reader)
                for place in 0..<room.count where live.contains(room.docids[place]) {
                    largest = max(largest, UInt8(truncatingIfNeeded: room.values[place]))
                }
            }
        }
        return unsafe Numbers(
            documents: max(0, Int(reader.termPostings[term]) - gone), largestImpact: largest)
    }
}

/// One decoded block of a posting list.
private struct BlockRoom {
    private(set) var docids = [UInt32](repeating: 0, count: blockSize)
    private(set) var values = [UInt32](repeating: 0, count: blockSize)
    private(set) var count = 0

    mutating func read(_ block: Int, of term: Int, _ reader: FieldReader) {
        count = reader.size(ofBlock: block, ofTerm: term)
        unsafe docids.withUnsafeMutableBufferPointer { docids in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let docids = docids.baseAddress, let values = values.baseAddress else { return }
                unsafe reader.unpack(block: block, ofTerm: term, docids: docids, values: values)
            }
        }
    }
}
