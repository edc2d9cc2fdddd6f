import CApusKernels
import FileStorage

/// The frequent lists of a segment's learned field; see ``FrequentWriter`` for the layout.
@safe struct FrequentLists: Sendable {
    nonisolated(unsafe) private let terms: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let masks: UnsafePointer<UInt16>
    nonisolated(unsafe) private let maxima: UnsafePointer<UInt8>
    nonisolated(unsafe) private let places: UnsafePointer<UInt32>
    nonisolated(unsafe) private let windows: UnsafePointer<UInt8>
    private let (groups, windowCount): (Int, Int)
    private let offsets: (masks: Int, maxima: Int, places: Int, windows: Int)

    /// nil where a segment has none.
    init?(_ file: SafetensorsFile, documents: Int) throws(StorageError) {
        let prefix = FrequentWriter.prefix
        // Before there were masks, a segment had other arrays, which nothing reads any more.
        guard file.tensors[prefix + "masks"] != nil else { return nil }
        unsafe terms = try unsafe file.unsafeTensor(prefix + "terms", of: UInt32.self, type: .u32)
        let masks = try unsafe file.unsafeTensor(prefix + "masks", of: UInt16.self, type: .u16)
        let maxima = try unsafe file.unsafeTensor(prefix + "maxima", of: UInt8.self, type: .u8)
        let places = try unsafe file.unsafeTensor(prefix + "places", of: UInt32.self, type: .u32)
        let windows = try unsafe file.unsafeTensor(prefix + "windows", of: UInt8.self, type: .u8)
        groups = FrequentWriter.groups(documents: documents)
        windowCount = FrequentWriter.windows(documents: documents)
        func offset(_ name: String) -> Int { file.tensors[prefix + name]?.offset ?? 0 }
        offsets = (offset("masks"), offset("maxima"), offset("places"), offset("windows"))
        guard unsafe masks.count == terms.count * groups, unsafe maxima.count == terms.count * groups,
            unsafe places.count == terms.count * groups / 8, unsafe windows.count == terms.count * windowCount
        else { throw .malformed(path: file.bytes.path, detail: "learned field: frequent lists of different lengths") }
        guard let bits = masks.baseAddress, let largest = maxima.baseAddress, let impacts = places.baseAddress,
            let inWindows = windows.baseAddress, unsafe !terms.isEmpty
        else { return nil }
        unsafe (self.masks, self.maxima, self.places, self.windows) = unsafe (bits, largest, impacts, inWindows)
    }

    /// Whether a tensor is large, and compared with its checksums only where a search reads it.
    static func isReadHereAndThere(_ tensor: String) -> Bool {
        tensor.hasPrefix(FrequentWriter.prefix) && tensor != FrequentWriter.prefix + "terms"
    }

    /// The place of a term's list among the frequent ones; nil for other terms.
    func place(ofTerm term: Int) -> Int? { unsafe terms.place(ofAscending: term) }

    /// What the kernels read of a list; its weights, and the postings, are the caller's.
    func list(at place: Int) -> apus_frequent {
        var list = unsafe apus_frequent()
        unsafe list.masks = unsafe masks + place * groups
        unsafe list.maxima = unsafe maxima + place * groups
        unsafe list.places = unsafe places + place * (groups / 8)
        return unsafe list
    }

    /// The largest impact of a list in a range of documents, or in a few more.
    func largest(at place: Int, in documents: Range<Int>) -> UInt8 {
        let first = documents.lowerBound / windowSize
        let last = min((documents.upperBound - 1) / windowSize, windowCount - 1)
        var largest: UInt8 = 0
        for window in stride(from: first, through: last, by: 1) {
            largest = unsafe max(largest, windows[place * windowCount + window])
        }
        return largest
    }

    /// Where a list's parts lie in the file.
    func bytes(at place: Int) -> [Range<Int>] {
        func range(_ offset: Int, _ stride: Int) -> Range<Int> {
            offset + place * stride..<offset + (place + 1) * stride
        }
        return [
            range(offsets.masks, groups * 2), range(offsets.maxima, groups), range(offsets.places, groups / 2),
            range(offsets.windows, windowCount),
        ]
    }

    /// What does not say of a list what its postings say, for `apus check --deep`.
    /// - Parameter postings: The bytes of all postings.
    func problem(at place: Int, docids: [UInt32], values: [UInt32], postings: UnsafeBufferPointer<UInt8>) -> (
        tensor: String, place: String, detail: String
    )? {
        func problem(_ tensor: String, _ place: String, _ detail: String) -> (String, String, String) {
            (FrequentWriter.prefix + tensor, place, detail)
        }
        var counted = 0
        for group in 0..<groups {
            let mask = unsafe masks[place * groups + group]
            for bit in 0..<groupSize where mask >> UInt16(bit) & 1 == 1 {
                guard counted < docids.count, Int(docids[counted]) == group * groupSize + bit else {
                    let docid = group * groupSize + bit
                    return problem("masks", "group \(group)", "a bit for docid \(docid), which the list does not have")
                }
                counted += 1
            }
        }
        if counted != docids.count {
            return problem("masks", "the list", "\(counted) bits for \(docids.count) postings")
        }
        var (chunk, before) = (-1, 0)
        for (docid, value) in zip(docids, values) {
            before = Int(docid) / Int(APUS_CHUNK) == chunk ? before + 1 : 0
            chunk = Int(docid) / Int(APUS_CHUNK)
            let found = unsafe Int(apus_frequent_impact(places + place * (groups / 8), docid, UInt32(before)))
            let impact = unsafe found < postings.count ? UInt32(postings[found]) : 0
            if impact != value {
                return problem("places", "chunk \(chunk)", "it does not lead to the impact \(value) of docid \(docid)")
            }
            if unsafe UInt32(maxima[place * groups + Int(docid) / groupSize]) < value {
                return problem(
                    "maxima", "group \(Int(docid) / groupSize)",
                    "it does not dominate the impact \(value) of docid \(docid)")
            }
            if UInt32(largest(at: place, in: Int(docid)..<Int(docid) + 1)) < value {
                return problem(
                    "windows", "window \(Int(docid) / windowSize)",
                    "it does not dominate the impact \(value) of docid \(docid)")
            }
        }
        return nil
    }
}
