import CApusKernels
import FileStorage

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

/// Writes the posting lists of one field of one segment, as a source gives them: postings go to the file list by list, and only the
/// dictionary and the bounds of blocks are kept until the last one.
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
struct FieldWriter {
    /// Segments are merged only as far as offsets of 32 bits surely reach; documents in another order may take more bytes.
    static let mostPostingBytes = 2 << 30
    /// Tensors of a field.
    static let mostTensors = 12 + FrequentWriter.tensors
    /// Postings that are written together.
    private static let pieceBytes = 1 << 18
    /// Maxima of ranges that are kept in memory.
    private static let mostMaxima = 32 << 20

    private let field: Field
    private let documents: Int
    private let profile: IndexProfile
    private let file: SafetensorsStream
    /// The length bytes of all documents; empty for the learned field.
    private let lengths: [UInt8]
    private var termBytes: [UInt8] = []
    private var termEnds: [UInt32] = []
    private var termPostings: [UInt32] = []
    private var termBlocks: [UInt32] = [0]
    private var blockBounds: [UInt32] = [0]
    private var blockPairs: [UInt8] = []
    private var blockLast: [UInt32] = []
    private var blockOffset: [UInt32] = []
    /// Postings that are not in the file yet, and the bytes of those that are.
    private var postings: [UInt8] = []
    private var written = 0
    private var pairs = BoundPairs()
    private var leaders: [UInt8] = []
    private var denseTerms: [UInt32] = []
    private let denseMaxima: ScratchFile
    private var vectors: VectorWriter?
    private var frequent: FrequentWriter?
    /// Where the values of each of the last term's blocks begin in the postings.
    private var impactPlaces: [Int] = []
    /// The largest impact in each range, for one term.
    private var maxima: [UInt8] = []

    /// - Parameter directory: Where what does not fit into memory waits.
    init(
        _ field: Field, documents: Int, lengths: [UInt8], profile: IndexProfile, storesVectors: Bool,
        to file: SafetensorsStream, directory: String
    ) {
        self.field = field
        self.documents = documents
        self.lengths = field == .text ? lengths : []
        self.profile = profile
        self.file = file
        denseMaxima = ScratchFile(directory: directory, most: Self.mostMaxima)
        frequent =
            field == .learned ? FrequentWriter(documents: documents, profile: profile, directory: directory) : nil
        vectors =
            storesVectors && field == .learned
            ? VectorWriter(documents: documents, to: file, directory: directory) : nil
    }

    /// Writes the whole field.
    /// - Throws: ``IndexError``, and what the source throws.
    mutating func write(_ source: some PostingSource) throws(IndexError) {
        var (source, list) = (source, PostingList())
        do throws(StorageError) { try file.begin("\(field.rawValue).postings", .u8) } catch { throw .storage(error) }
        while try source.next(&list) {
            append(list)
            do throws(StorageError) {
                try vectors?.append(list)
                try frequent?.append(list, term: termPostings.count - 1, impacts: impactPlaces)
                try flush(Self.pieceBytes)
            } catch { throw .storage(error) }
        }
        do throws(StorageError) { try finish() } catch { throw .storage(error) }
    }

    private mutating func flush(_ least: Int) throws(StorageError) {
        if let maxima = takenMaxima { try denseMaxima.append(maxima) }
        takenMaxima = nil
        guard postings.count >= least else { return }
        try file.append(postings)
        written += postings.count
        postings.removeAll(keepingCapacity: true)
    }

    /// The maxima of the last term, where it is dense.
    private var takenMaxima: [UInt8]?

    private mutating func finish() throws(StorageError) {
        postings.append(contentsOf: [UInt8](repeating: 0, count: Int(APUS_POSTING_PADDING)))
        try flush(0)
        try file.end(shape: [written])
        let name = field.rawValue
        try file.write("\(name).term.bytes", .u8, termBytes)
        try file.write("\(name).term.ends", .u32, termEnds)
        try file.write("\(name).term.postings", .u32, termPostings)
        try file.write("\(name).term.blocks", .u32, termBlocks)
        try file.write("\(name).block.bounds", .u32, blockBounds)
        try file.write("\(name).block.pairs", .u8, shape: [blockPairs.count / 2, 2], blockPairs)
        try file.write("\(name).block.last", .u32, blockLast)
        try file.write("\(name).block.offset", .u32, blockOffset)
        guard field == .learned else { return }
        try file.write(
            "learned.term.leaders", .u8, shape: [leaders.count / leaderRanks.count, leaderRanks.count], leaders)
        try file.write("learned.dense.terms", .u32, denseTerms)
        try file.begin("learned.dense.maxima", .u8)
        try denseMaxima.read { (piece) throws(StorageError) in try file.append(piece) }
        try file.end(shape: [denseTerms.count, denseMaxima.count / max(1, denseTerms.count)])
        try frequent?.finish(file)
        try vectors?.finish()
    }

    private mutating func append(_ list: PostingList) {
        termBytes.append(contentsOf: list.term)
        termEnds.append(UInt32(termBytes.count))
        termPostings.append(UInt32(list.docids.count))
        impactPlaces.removeAll(keepingCapacity: true)
        unsafe list.docids.withUnsafeBufferPointer { docids in
            unsafe list.values.withUnsafeBufferPointer { values in
                var previous: UInt32 = .max
                for start in stride(from: 0, to: docids.count, by: blockSize) {
                    let range = start..<min(start + blockSize, docids.count)
                    unsafe appendBlock(
                        UnsafeBufferPointer(rebasing: docids[range]), UnsafeBufferPointer(rebasing: values[range]),
                        previous)
                    previous = unsafe docids[range.upperBound - 1]
                }
            }
        }
        if field == .learned { appendBounds(list) }
        termBlocks.append(UInt32(blockLast.count))
    }

    private mutating func appendBlock(
        _ docids: UnsafeBufferPointer<UInt32>, _ values: UnsafeBufferPointer<UInt32>, _ previous: UInt32
    ) {
        blockOffset.append(UInt32(truncatingIfNeeded: written + postings.count))
        unsafe blockLast.append(docids[docids.count - 1])
        unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: blockSize) { gaps in
            var (last, gapUnion, valueUnion) = (previous, UInt32(0), UInt32(0))
            for index in docids.indices {
                let gap = unsafe docids[index] &- last &- 1
                last = unsafe docids[index]
                unsafe gaps[index] = gap
                gapUnion |= gap
                unsafe valueUnion |= values[index]
            }
            let gapBits = Self.bits(gapUnion)
            // Whole bytes are read in place; fewer bits only where size counts more.
            let valueBits = field == .learned && profile == .standard ? 8 : Self.bits(valueUnion)
            postings.append(UInt8(gapBits))
            postings.append(UInt8(valueBits))
            unsafe pack(UnsafeBufferPointer(rebasing: gaps[..<docids.count]), gapBits)
            impactPlaces.append(written + postings.count)
            unsafe pack(values, valueBits)
        }
        if lengths.isEmpty {
            unsafe blockPairs.append(UInt8(min(values.max() ?? 0, 255)))
            blockPairs.append(0)
        } else {
            pairs.removeAll()
            for place in docids.indices {
                unsafe pairs.add(value: values[place], length: lengths[Int(docids[place])])
            }
            pairs.write(to: &blockPairs)
        }
        blockBounds.append(UInt32(blockPairs.count / 2))
    }

    /// What primes thresholds and bounds ranges.
    private mutating func appendBounds(_ list: PostingList) {
        var counts = [Int](repeating: 0, count: 256)
        for impact in list.values { counts[Int(impact)] += 1 }
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
        guard list.docids.count * denseShare >= ranges else { return }
        maxima.removeAll(keepingCapacity: true)
        maxima.append(contentsOf: repeatElement(0, count: (ranges + 63) / 64 * 64))
        for (docid, impact) in zip(list.docids, list.values) {
            let range = Int(docid) / rangeSize
            maxima[range] = max(maxima[range], UInt8(impact))
        }
        guard maxima.count(where: { $0 > 0 }) * denseShare >= ranges else { return }
        denseTerms.append(UInt32(termPostings.count - 1))
        takenMaxima = maxima
    }

    private static func bits(_ value: UInt32) -> Int { 32 - value.leadingZeroBitCount }

    private mutating func pack(_ values: UnsafeBufferPointer<UInt32>, _ bits: Int) {
        guard bits > 0 else { return }
        let bytes = (values.count * bits + 7) / 8
        // Four bytes at a time, so that the last store may reach beyond the end.
        unsafe withUnsafeTemporaryAllocation(byteCount: bytes + 8, alignment: 8) { room in
            var (word, filled, place) = (UInt64(0), 0, 0)
            for index in values.indices {
                let value = unsafe values[index]
                word |= UInt64(value) << UInt64(filled)
                filled += bits
                guard filled >= 32 else { continue }
                unsafe room.storeBytes(
                    of: UInt32(truncatingIfNeeded: word).littleEndian, toByteOffset: place, as: UInt32.self)
                place += 4
                word >>= 32
                filled -= 32
            }
            unsafe room.storeBytes(of: word.littleEndian, toByteOffset: place, as: UInt64.self)
            unsafe postings.append(contentsOf: room[..<bytes])
        }
    }
}

/// The pairs that dominate a set of postings: no posting has both a larger value and a shorter length than some pair.
private struct BoundPairs {
    private var pairs: [(value: UInt8, length: UInt8)] = []

    mutating func removeAll() { pairs.removeAll(keepingCapacity: true) }

    mutating func add(value: UInt32, length: UInt8) {
        let value = UInt8(min(value, 255))
        for pair in pairs where pair.value >= value && pair.length <= length { return }
        pairs.removeAll { $0.value <= value && $0.length >= length }
        pairs.append((value, length))
    }

    func write(to bytes: inout [UInt8]) {
        for pair in pairs {
            bytes.append(pair.value)
            bytes.append(pair.length)
        }
    }
}
