import ApusTestSupport
import CApusKernels

/// A posting list in blocks, with its postings beside it; owns the memory that a kernel reads.
@safe final class PackedList {
    let docids: [UInt32]
    let impacts: [UInt8]
    let list: apus_list
    private let memory: [UnsafeMutableRawPointer]

    /// - Parameter share: Of the documents in a crowded stretch; other stretches get a fifth of it.
    init(documents: Int, share: Double, impactBits: UInt32, hasMaxima: Bool, level: Int32, _ random: inout SplitMix64) {
        var docids: [UInt32] = []
        var here = share
        for docid in 0..<documents {
            if docid % 700 == 0 { here = Bool.random(using: &random) ? share : share / 5 }
            if Double.random(in: 0..<1, using: &random) < here { docids.append(UInt32(docid)) }
        }
        if docids.isEmpty { docids = [UInt32(documents - 1)] }
        let impacts = docids.map { _ in UInt8.random(in: 1..<UInt8(1 << impactBits - 1), using: &random) }
        var bytes: [UInt8] = []
        var offsets: [UInt32] = []
        var lasts: [UInt32] = []
        for start in stride(from: 0, to: docids.count, by: 128) {
            let end = min(start + 128, docids.count)
            let gaps = (start..<end).map { docids[$0] - ($0 == 0 ? 0 : docids[$0 - 1] + 1) }
            let bits = UInt32(32 - (gaps.max() ?? 0).leadingZeroBitCount)
            offsets.append(UInt32(bytes.count))
            lasts.append(docids[end - 1])
            bytes += [UInt8(bits), UInt8(impactBits)] + Self.pack(gaps, bits)
            bytes += Self.pack(impacts[start..<end].map { UInt32($0) }, impactBits)
        }
        bytes += [UInt8](repeating: 0xA5, count: Int(APUS_POSTING_PADDING))
        var maxima = [UInt8](repeating: 0, count: (documents + 31) / 32)
        for (docid, impact) in zip(docids, impacts) { maxima[Int(docid) / 32] = max(maxima[Int(docid) / 32], impact) }
        var list = unsafe apus_list()
        var memory: [UnsafeMutableRawPointer] = unsafe []
        func keep<Element>(_ values: [Element]) -> UnsafePointer<Element> {
            let pointer = UnsafeMutablePointer<Element>.allocate(capacity: values.count)
            unsafe pointer.initialize(from: values, count: values.count)
            unsafe memory.append(UnsafeMutableRawPointer(pointer))
            return unsafe UnsafePointer(pointer)
        }
        unsafe list.postings = unsafe keep(bytes)
        unsafe list.offsets = unsafe keep(offsets)
        unsafe list.lasts = unsafe keep(lasts)
        unsafe list.blocks = offsets.count
        unsafe list.level = level
        unsafe list.count = docids.count
        unsafe list.weight = UInt32.random(in: 1...4000, using: &random)
        if hasMaxima { unsafe list.maxima = unsafe keep(maxima) }
        unsafe (self.docids, self.impacts, self.list, self.memory) = unsafe (docids, impacts, list, memory)
    }

    deinit { for place in unsafe memory.indices { unsafe memory[place].deallocate() } }

    /// Lowest bit first, one after another.
    static func pack(_ values: [UInt32], _ bits: UInt32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (values.count * Int(bits) + 7) / 8)
        for (index, value) in values.enumerated() {
            for bit in 0..<Int(bits) where value >> UInt32(bit) & 1 == 1 {
                let at = index * Int(bits) + bit
                bytes[at / 8] |= 1 << UInt8(at % 8)
            }
        }
        return bytes
    }

    /// Adds every share, one after another.
    func add(to sums: inout [UInt32]) {
        for (docid, impact) in zip(docids, impacts) { unsafe sums[Int(docid)] += list.weight * UInt32(impact) }
    }
}
