import CApusKernels

/// Walks one posting list of one segment, block by block; block bounds can be read without decoding.
///
/// Owns two buffers of `blockSize` integers; whoever makes a cursor calls ``free()``.
@safe struct PostingCursor {
    static let end = UInt32.max

    let scorer: TermScorer
    /// No posting of the list has a larger share.
    let listBound: UInt32
    /// The current docid, or ``end``.
    private(set) var docid: UInt32 = 0
    private(set) var decodedBlocks = 0
    var blocksInList: Int { endBlock - firstBlock }

    private let reader: FieldReader
    private let term: Int
    private let lengths: UnsafePointer<UInt8>?
    private let inverses: UnsafePointer<Float>?
    private let docids: UnsafeMutablePointer<UInt32>
    private let values: UnsafeMutablePointer<UInt32>
    private let firstBlock: Int
    private let endBlock: Int
    private var block: Int
    private var position = 0
    private var count = 0
    private var packedValues: (values: UnsafePointer<UInt8>, bits: UInt32)?
    private var hasValues = false
    private var shallow: Int
    private var shallowBound: (block: Int, bound: UInt32) = (-1, 0)

    /// A cursor on the first posting.
    init(
        _ reader: FieldReader, term: Int, scorer: TermScorer, lengths: UnsafePointer<UInt8>?,
        inverses: UnsafePointer<Float>?
    ) {
        self.reader = reader
        self.term = term
        self.scorer = scorer
        unsafe self.lengths = unsafe lengths
        unsafe self.inverses = unsafe inverses
        unsafe docids = .allocate(capacity: blockSize)
        unsafe values = .allocate(capacity: blockSize)
        firstBlock = unsafe Int(reader.termBlocks[term])
        endBlock = unsafe Int(reader.termBlocks[term + 1])
        block = firstBlock
        shallow = firstBlock
        var bound = scorer.bound(value: reader.largestImpact(ofTerm: term), inverse: 0)
        if let inverses = unsafe inverses {
            bound = 0
            for pair in unsafe Int(reader.blockBounds[firstBlock])..<Int(reader.blockBounds[endBlock]) {
                let inverse = unsafe inverses[Int(reader.blockPairs[2 * pair + 1])]
                bound = unsafe max(bound, scorer.bound(value: reader.blockPairs[2 * pair], inverse: inverse))
            }
        }
        listBound = bound
        decode()
    }

    func free() {
        unsafe docids.deallocate()
        unsafe values.deallocate()
    }

    private mutating func decode() {
        count = reader.size(ofBlock: block, ofTerm: term)
        unsafe packedValues = unsafe reader.unpack(block: block, ofTerm: term, docids: docids, values: nil)
        hasValues = false
        position = 0
        docid = unsafe docids[0]
        decodedBlocks += 1
    }

    /// The share of the current posting.
    mutating func share() -> UInt32 {
        if !hasValues, let packed = unsafe packedValues {
            unsafe apus_unpack(apus_level(), packed.values, packed.bits, UInt32(count), values)
            hasValues = true
        }
        guard let lengths = unsafe lengths, let inverses = unsafe inverses else {
            return unsafe scorer.share(value: values[position], inverse: 0)
        }
        return unsafe scorer.share(value: values[position], inverse: inverses[Int(lengths[Int(docid)])])
    }

    /// Moves to the next posting.
    mutating func next() {
        position += 1
        if position < count {
            docid = unsafe docids[position]
        } else if block + 1 < endBlock {
            block += 1
            decode()
        } else {
            docid = Self.end
        }
    }

    /// Moves to the first posting at or after `target`.
    mutating func seek(_ target: UInt32) {
        guard docid < target else { return }
        if unsafe reader.blockLast[block] < target {
            block = reader.block(of: target, from: block + 1, to: endBlock)
            guard block < endBlock else {
                block = endBlock - 1
                docid = Self.end
                return
            }
            decode()
            if docid >= target { return }
        }
        // Gallop, then halve.
        var step = 1
        var low = position
        while low + step < count, unsafe docids[low + step] < target {
            low += step
            step *= 2
        }
        var high = min(low + step, count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if unsafe docids[middle] < target { low = middle } else { high = middle }
        }
        position = high
        docid = unsafe docids[position]
    }

    /// The block that would hold `target`, without decoding: its bound and its last docid, (0, end) behind the list.
    mutating func blockBound(at target: UInt32) -> (bound: UInt32, last: UInt32) {
        if shallow < endBlock, unsafe reader.blockLast[shallow] < target {
            shallow = reader.block(of: target, from: shallow + 1, to: endBlock)
        }
        guard shallow < endBlock else { return (0, Self.end) }
        if shallowBound.block != shallow {
            var bound: UInt32 = 0
            for pair in unsafe Int(reader.blockBounds[shallow])..<Int(reader.blockBounds[shallow + 1]) {
                let inverse = unsafe inverses.map { unsafe $0[Int(reader.blockPairs[2 * pair + 1])] } ?? 0
                bound = unsafe max(bound, scorer.bound(value: reader.blockPairs[2 * pair], inverse: inverse))
            }
            shallowBound = (shallow, bound)
        }
        return unsafe (shallowBound.bound, reader.blockLast[shallow])
    }
}
