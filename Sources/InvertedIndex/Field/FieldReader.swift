import CApusKernels
import FileStorage
import Foundation

/// One field of a mapped segment; see FieldWriter for the layout.
///
/// Every offset that a search follows is checked once, when the segment is opened.
@safe struct FieldReader: Sendable {
    let field: Field
    let terms: Int
    let postingCount: Int
    /// Bytes of all tensors of the field.
    let bytes: Int
    nonisolated(unsafe) private let termBytes: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) private let termEnds: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let termPostings: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let termBlocks: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let blockBounds: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let blockPairs: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) let blockLast: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let blockOffset: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) let postings: UnsafeBufferPointer<UInt8>

    nonisolated(unsafe) let leaders: UnsafeBufferPointer<UInt8>
    nonisolated(unsafe) private let denseTerms: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let denseMaxima: UnsafeBufferPointer<UInt8>
    /// Bytes from one dense term's maxima to the next.
    private let denseStride: Int
    /// What the window traversal reads; nil in the text field, small segments and those of before.
    let frequent: FrequentLists?
    /// Where the postings and the maxima begin in the file.
    let postingsOffset: Int
    private let maximaOffset: Int

    init(_ field: Field, _ file: SafetensorsFile, documents: Int) throws(StorageError) {
        let name = field.rawValue
        self.field = field
        unsafe termBytes = try unsafe file.unsafeTensor("\(name).term.bytes", of: UInt8.self, type: .u8)
        unsafe termEnds = try unsafe file.unsafeTensor("\(name).term.ends", of: UInt32.self, type: .u32)
        unsafe termPostings = try unsafe file.unsafeTensor("\(name).term.postings", of: UInt32.self, type: .u32)
        unsafe termBlocks = try unsafe file.unsafeTensor("\(name).term.blocks", of: UInt32.self, type: .u32)
        unsafe blockBounds = try unsafe file.unsafeTensor("\(name).block.bounds", of: UInt32.self, type: .u32)
        unsafe blockPairs = try unsafe file.unsafeTensor("\(name).block.pairs", of: UInt8.self, type: .u8)
        unsafe blockLast = try unsafe file.unsafeTensor("\(name).block.last", of: UInt32.self, type: .u32)
        unsafe blockOffset = try unsafe file.unsafeTensor("\(name).block.offset", of: UInt32.self, type: .u32)
        unsafe postings = try unsafe file.unsafeTensor("\(name).postings", of: UInt8.self, type: .u8)
        if field == .learned {
            unsafe leaders = try unsafe file.unsafeTensor("learned.term.leaders", of: UInt8.self, type: .u8)
            unsafe denseTerms = try unsafe file.unsafeTensor("learned.dense.terms", of: UInt32.self, type: .u32)
            unsafe denseMaxima = try unsafe file.unsafeTensor("learned.dense.maxima", of: UInt8.self, type: .u8)
            denseStride = (rangeCount(documents: documents) + 63) / 64 * 64
            frequent = try FrequentLists(file, documents: documents)
        } else {
            unsafe leaders = unsafe UnsafeBufferPointer(start: nil, count: 0)
            unsafe denseTerms = unsafe UnsafeBufferPointer(start: nil, count: 0)
            unsafe denseMaxima = unsafe UnsafeBufferPointer(start: nil, count: 0)
            denseStride = 0
            frequent = nil
        }
        postingsOffset = file.tensors["\(name).postings"]?.offset ?? 0
        maximaOffset = file.tensors["\(name).dense.maxima"]?.offset ?? 0
        terms = unsafe termEnds.count
        var count = 0
        for term in 0..<terms { count += unsafe Int(termPostings[term]) }
        postingCount = count
        bytes = file.tensors.reduce(0) { sum, entry in
            entry.key.hasPrefix(name + ".") ? sum + entry.value.count * entry.value.type.size : sum
        }
        if let problem = problem(documents: documents) {
            throw .malformed(path: file.bytes.path, detail: "\(name) field: \(problem)")
        }
        // A query reads a few blocks here and there: read-ahead would bring in sixteen times as much. Maxima are read by every query.
        advisePostings(.random, file)
        if let maxima = file.tensors["\(name).dense.maxima"] {
            file.bytes.advise(.willNeed, range: maxima.offset..<maxima.offset + maxima.count)
        }
    }

    /// Tells the kernel how postings will be read from now on.
    func advisePostings(_ access: MappedBytes.Access, _ file: SafetensorsFile) {
        guard let tensor = file.tensors[field.rawValue + ".postings"] else { return }
        file.bytes.advise(access, range: tensor.offset..<tensor.offset + tensor.count)
    }

    /// What is wrong with the structure, or nil.
    /// - Complexity: O(terms + blocks).
    private func problem(documents: Int) -> String? {
        func ascends(_ values: UnsafeBufferPointer<UInt32>, to end: Int) -> Bool {
            var last: UInt32 = 0
            for place in values.indices {
                let value = unsafe values[place]
                if value < last { return false }
                last = value
            }
            return Int(last) == end
        }
        let padding = Int(APUS_POSTING_PADDING)
        guard unsafe termPostings.count == terms, unsafe termBlocks.count == terms + 1,
            unsafe blockBounds.count == blockLast.count + 1,
            unsafe blockOffset.count == blockLast.count, unsafe postings.count >= padding
        else { return "tensors of different lengths" }
        guard unsafe ascends(termEnds, to: termBytes.count), unsafe ascends(termBlocks, to: blockLast.count),
            unsafe ascends(blockBounds, to: blockPairs.count / 2)
        else { return "offsets that do not ascend to their end" }
        if field == .learned {
            guard unsafe leaders.count == terms * leaderRanks.count,
                unsafe denseMaxima.count == denseTerms.count * denseStride
            else { return "tensors of different lengths" }
        }
        for term in 0..<terms {
            let blocks = unsafe Int(termBlocks[term + 1] - termBlocks[term])
            let count = unsafe Int(termPostings[term])
            guard count > 0, blocks == (count + blockSize - 1) / blockSize else { return "wrong number of blocks" }
            var last = -1
            for block in unsafe Int(termBlocks[term])..<Int(termBlocks[term + 1]) {
                let size = unsafe min(blockSize, count - (block - Int(termBlocks[term])) * blockSize)
                let offset = unsafe Int(blockOffset[block])
                guard unsafe offset <= postings.count - padding - 2 else { return "a block outside the postings" }
                // Elsewhere no header can lead outside, and reading them all would read the whole file.
                if unsafe offset > postings.count - padding - Int(APUS_LONGEST_BLOCK) {
                    let (gapBits, valueBits) = unsafe (Int(postings[offset]), Int(postings[offset + 1]))
                    guard gapBits <= 32, valueBits <= (field == .learned ? 8 : 32),
                        unsafe offset + 2 + (size * gapBits + 7) / 8 + (size * valueBits + 7) / 8 <= postings.count
                            - padding
                    else { return "a block outside the postings" }
                }
                guard unsafe Int(blockLast[block]) >= last + size, unsafe Int(blockLast[block]) < documents else {
                    return "docids outside the segment"
                }
                last = unsafe Int(blockLast[block])
            }
        }
        return nil
    }

    /// Bytes of the dictionary.
    var termByteCount: Int { unsafe termBytes.count }

    /// The UTF-8 bytes of a term.
    func termUTF8(_ term: Int) -> UnsafeBufferPointer<UInt8> {
        let start = unsafe term == 0 ? 0 : Int(termEnds[term - 1])
        return unsafe UnsafeBufferPointer(rebasing: termBytes[start..<Int(termEnds[term])])
    }

    /// The number of a term, by binary search, or nil.
    func number(of term: String) -> Int? {
        var term = term
        return term.withUTF8 { key in
            guard let wanted = key.baseAddress else { return nil }
            var (low, high) = (0, terms)
            while low < high {
                let middle = (low + high) / 2
                let found = unsafe termUTF8(middle)
                guard let start = found.baseAddress else { return nil }
                var order = unsafe Int(memcmp(start, wanted, min(found.count, key.count)))
                if order == 0 { order = found.count - key.count }
                if order == 0 { return middle }
                if order < 0 { low = middle + 1 } else { high = middle }
            }
            return nil
        }
    }

    /// A term's posting list for the kernels, without its query weight.
    func list(_ term: Int) -> apus_list {
        let first = unsafe Int(termBlocks[term])
        var list = unsafe apus_list()
        unsafe list.postings = unsafe postings.baseAddress
        unsafe list.offsets = unsafe blockOffset.baseAddress.map { unsafe $0 + first }
        unsafe list.lasts = unsafe blockLast.baseAddress.map { unsafe $0 + first }
        unsafe list.blocks = unsafe Int(termBlocks[term + 1]) - first
        unsafe list.count = unsafe Int(termPostings[term])
        unsafe list.level = apus_level()
        return unsafe list
    }

    /// The largest impact of a term in each range, or nil where none are stored.
    func maxima(ofTerm term: Int) -> UnsafePointer<UInt8>? {
        guard let place = unsafe denseTerms.place(ofAscending: term) else { return nil }
        return unsafe denseMaxima.baseAddress.map { unsafe $0 + place * denseStride }
    }

    /// Where what is stored of a frequent term's list beside its postings lies in the file; nothing of others.
    func frequentBytes(ofTerm term: Int) -> [Range<Int>] {
        frequent.flatMap { lists in lists.place(ofTerm: term).map { lists.bytes(at: $0) } } ?? []
    }

    /// Where a term's blocks lie in the file.
    func postingBytes(ofTerm term: Int) -> Range<Int> { postingBytes(ofBlocks: blocks(ofTerm: term)) }

    /// The numbers of a term's blocks.
    func blocks(ofTerm term: Int) -> Range<Int> { unsafe Int(termBlocks[term])..<Int(termBlocks[term + 1]) }

    /// Where blocks lie in the file.
    func postingBytes(ofBlocks blocks: Range<Int>) -> Range<Int> {
        func start(_ block: Int) -> Int { unsafe block < blockOffset.count ? Int(blockOffset[block]) : postings.count }
        let (first, end) = (start(blocks.lowerBound), start(blocks.upperBound))
        return postingsOffset + first..<postingsOffset + max(first, end)
    }

    /// Where a term's maxima lie in the file; nil where none are stored.
    func maximaBytes(ofTerm term: Int) -> Range<Int>? {
        unsafe denseTerms.place(ofAscending: term).map {
            maximaOffset + $0 * denseStride..<maximaOffset + ($0 + 1) * denseStride
        }
    }

    /// The largest impact of a learned list.
    func largestImpact(ofTerm term: Int) -> UInt8 { unsafe field == .learned ? leaders[term * leaderRanks.count] : 0 }

    /// An impact that at least `k` postings of a learned list reach, 0 when none is stored.
    func leader(ofTerm term: Int, k: Int) -> UInt32 {
        guard field == .learned, let rank = leaderRanks.firstIndex(where: { $0 >= k }) else { return 0 }
        return unsafe UInt32(leaders[term * leaderRanks.count + rank])
    }

    /// The first block from `start` on whose last docid is at or after `target`; `end` when there is none.
    /// - Complexity: O(log of the distance).
    func block(of target: UInt32, from start: Int, to end: Int) -> Int {
        var step = 1
        var low = start
        while low < end, unsafe blockLast[low] < target {
            let next = low + step
            if next < end, unsafe blockLast[next] < target {
                low = next + 1
                step *= 2
            } else {
                low += 1
                var high = min(next, end)
                while low < high {
                    let middle = (low + high) / 2
                    if unsafe blockLast[middle] < target { low = middle + 1 } else { high = middle }
                }
                return low
            }
        }
        return low
    }

    /// No value of a block is larger; 255 stands for larger frequencies too.
    func largestValue(ofBlock block: Int) -> UInt8 {
        var largest: UInt8 = 0
        for pair in unsafe Int(blockBounds[block])..<Int(blockBounds[block + 1]) {
            largest = unsafe max(largest, blockPairs[2 * pair])
        }
        return largest
    }

    /// Postings of a block.
    func size(ofBlock block: Int, ofTerm term: Int) -> Int {
        unsafe min(blockSize, Int(termPostings[term]) - (block - Int(termBlocks[term])) * blockSize)
    }

    /// Decodes a block's docids into `docids` and, where given, its values; both have room for `blockSize` integers.
    /// - Returns: Where the values begin and their bits, for a later ``unpackValues``.
    @discardableResult
    func unpack(
        block: Int, ofTerm term: Int, docids: UnsafeMutablePointer<UInt32>, values: UnsafeMutablePointer<UInt32>?
    )
        -> (values: UnsafePointer<UInt8>, bits: UInt32)?
    {
        guard let base = unsafe postings.baseAddress else { return nil }
        let count = size(ofBlock: block, ofTerm: term)
        let start = unsafe base + Int(blockOffset[block])
        let previous = unsafe block == Int(termBlocks[term]) ? UInt32.max : blockLast[block - 1]
        let gapBits = unsafe min(UInt32(start[0]), 32)
        unsafe apus_unpack_docids(apus_level(), start + 2, gapBits, UInt32(count), previous, blockLast[block], docids)
        let packed = unsafe start + 2 + (count * Int(gapBits) + 7) / 8
        let bits = unsafe min(UInt32(start[1]), field == .learned ? 8 : 32)
        if let values = unsafe values { unsafe apus_unpack(apus_level(), packed, bits, UInt32(count), values) }
        return unsafe (packed, bits)
    }

    /// All postings of a term.
    func postings(ofTerm term: Int) -> (docids: [UInt32], values: [UInt32]) {
        var docids = unsafe [UInt32](repeating: 0, count: Int(termPostings[term]))
        var values = docids
        unsafe docids.withUnsafeMutableBufferPointer { docids in
            unsafe values.withUnsafeMutableBufferPointer { values in
                guard let docids = docids.baseAddress, let values = values.baseAddress else { return }
                var done = 0
                for block in unsafe Int(termBlocks[term])..<Int(termBlocks[term + 1]) {
                    unsafe unpack(block: block, ofTerm: term, docids: docids + done, values: values + done)
                    done += size(ofBlock: block, ofTerm: term)
                }
            }
        }
        return (docids, values)
    }
}
