import CApusKernels

/// Postings per block.
let blockSize = 128
/// Documents per range.
let rangeSize = Int(APUS_RANGE)
/// A term is dense when it occurs in at least one of this many ranges; few are where the planner scores everything anyway.
func denseShare(documents: Int) -> Int { documents < QueryPlan.fewestForRanges ? 4 : 12 }
/// The places whose impacts are stored with each learned list.
let leaderRanks = [1, 10, 100, 1000]

/// Ranges of a segment.
func rangeCount(documents: Int) -> Int { (documents + rangeSize - 1) / rangeSize }

/// Encodes the posting lists of one field of one segment. Terms come in ascending order of their UTF-8 bytes.
///
/// Tensors, with `F` the field, `T` terms and `B` blocks of up to 128 postings:
///
///     F.term.bytes U8, F.term.ends U32 [T]      the dictionary
///     F.term.postings U32 [T]                   document frequency
///     F.term.blocks U32 [T + 1]                 the term's first block
///     F.block.bounds U32 [B + 1]                ranges in F.block.pairs
///     F.block.pairs U8 [·, 2]                   pairs that dominate every posting of the block: learned (largest impact, 0);
///                                               text the Pareto frontier of (frequency, 255 standing for 255 and more;
///                                               length byte)
///     F.block.last U32 [B], F.block.offset U32 [B]    last docid; first byte in F.postings, which is smaller than 4 GiB
///     F.postings U8                             per block: gap bits, value bits, gaps − 1, values; 32 bytes of padding at the end
///     learned.term.leaders U8 [T, 4]            the 1st, 10th, 100th and 1,000th largest impact of the list, 0 where it is shorter
///     learned.dense.terms U32 [D]               none in the compact profile, else the terms with a document in at least every
///                                               fourth range of 32 documents, every twelfth in large segments
///     learned.dense.maxima U8 [D, R]            their largest impact in each range; R: ranges, padded to a multiple of 64
///     text.lengths U8 [documents]               document lengths, see LengthByte
struct FieldEncoder {
    /// Segments are merged only as far as offsets of 32 bits surely reach; documents in another order may take more bytes.
    static let mostPostingBytes = 2 << 30

    let field: Field
    private(set) var termBytes: [UInt8] = []
    private(set) var termEnds: [UInt32] = []
    private(set) var termPostings: [UInt32] = []
    private(set) var termBlocks: [UInt32] = [0]
    private(set) var blockBounds: [UInt32] = [0]
    private(set) var blockBoundPairs: [UInt8] = []
    private(set) var blockLast: [UInt32] = []
    private(set) var blockOffset: [UInt32] = []
    private(set) var postings: [UInt8] = []
    private(set) var postingCount = 0
    private(set) var leaders: [UInt8] = []
    private(set) var denseTerms: [UInt32] = []
    private(set) var denseMaxima: [UInt8] = []
    private let documents: Int
    private let profile: IndexProfile

    init(field: Field, documents: Int, profile: IndexProfile) {
        self.field = field
        self.documents = documents
        self.profile = profile
    }

    /// Appends a term's list.
    /// - Parameters:
    ///   - docids: Ascending.
    ///   - values: Impacts (1…255) or frequencies (1…), one per docid.
    ///   - lengths: The length bytes of all documents; empty for the learned field.
    mutating func append(_ term: some Sequence<UInt8>, docids: [UInt32], values: [UInt32], lengths: [UInt8]) {
        termBytes.append(contentsOf: term)
        termEnds.append(UInt32(termBytes.count))
        termPostings.append(UInt32(docids.count))
        postingCount += docids.count
        var previous: UInt32 = .max
        var start = 0
        while start < docids.count {
            let end = min(start + blockSize, docids.count)
            var block = BoundPairs(field)
            var gaps: [UInt32] = []
            gaps.reserveCapacity(end - start)
            for index in start..<end {
                let docid = docids[index]
                gaps.append(docid &- previous &- 1)
                previous = docid
                block.add(value: values[index], length: lengths.isEmpty ? 0 : lengths[Int(docid)])
            }
            let gapBits = Self.bits(gaps.max() ?? 0)
            let slice = values[start..<end]
            // Whole bytes are read in place; fewer bits only where size counts more.
            let valueBits = field == .learned && profile == .standard ? 8 : Self.bits(slice.max() ?? 0)
            blockOffset.append(UInt32(truncatingIfNeeded: postings.count))
            blockLast.append(previous)
            postings.append(UInt8(gapBits))
            postings.append(UInt8(valueBits))
            pack(gaps, gapBits)
            pack(slice, valueBits)
            blockBoundPairs.append(contentsOf: block.bytes)
            blockBounds.append(UInt32(blockBoundPairs.count / 2))
            start = end
        }
        if field == .learned { appendBounds(docids, values) }
        termBlocks.append(UInt32(blockLast.count))
    }

    /// What primes thresholds and bounds ranges.
    private mutating func appendBounds(_ docids: [UInt32], _ impacts: [UInt32]) {
        var counts = [Int](repeating: 0, count: 256)
        for impact in impacts { counts[Int(impact)] += 1 }
        for rank in leaderRanks {
            var seen = 0
            leaders.append(
                (1...255).reversed().first {
                    seen += counts[$0]; return seen >= rank
                }.map(UInt8.init) ?? 0)
        }
        guard profile == .standard else { return }
        let ranges = rangeCount(documents: documents)
        let denseShare = denseShare(documents: documents)
        guard docids.count * denseShare >= ranges else { return }
        var maxima = [UInt8](repeating: 0, count: (ranges + 63) / 64 * 64)
        for (docid, impact) in zip(docids, impacts) {
            let range = Int(docid) / rangeSize
            maxima[range] = max(maxima[range], UInt8(impact))
        }
        guard maxima.count(where: { $0 > 0 }) * denseShare >= ranges else { return }
        denseTerms.append(UInt32(termPostings.count - 1))
        denseMaxima.append(contentsOf: maxima)
    }

    private static func bits(_ value: UInt32) -> Int { 32 - value.leadingZeroBitCount }

    private mutating func pack(_ values: some Sequence<UInt32>, _ bits: Int) {
        guard bits > 0 else { return }
        var word: UInt64 = 0
        var filled = 0
        for value in values {
            word |= UInt64(value) << UInt64(filled)
            filled += bits
            while filled >= 8 {
                postings.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
                filled -= 8
            }
        }
        if filled > 0 { postings.append(UInt8(truncatingIfNeeded: word)) }
    }
}

/// The pairs that dominate a set of postings: no posting has both a larger value and a shorter length than some pair.
private struct BoundPairs {
    private let field: Field
    private var pairs: [(value: UInt8, length: UInt8)] = []

    init(_ field: Field) { self.field = field }

    var bytes: [UInt8] { pairs.flatMap { [$0.value, $0.length] } }

    mutating func add(value: UInt32, length: UInt8) { add((UInt8(min(value, 255)), length)) }

    private mutating func add(_ new: (value: UInt8, length: UInt8)) {
        for pair in pairs where pair.value >= new.value && pair.length <= new.length { return }
        pairs.removeAll { $0.value <= new.value && $0.length >= new.length }
        pairs.append(new)
    }
}
