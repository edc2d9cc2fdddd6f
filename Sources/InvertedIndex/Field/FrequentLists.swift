import CApusKernels
import FileStorage

/// The frequent lists of a segment's learned field; see ``FrequentWriter`` for the layout.
@safe struct FrequentLists: Sendable {
    nonisolated(unsafe) private let terms: UnsafeBufferPointer<UInt32>
    nonisolated(unsafe) private let chunks: UnsafePointer<UInt8>
    nonisolated(unsafe) private let maxima: UnsafePointer<UInt8>
    nonisolated(unsafe) private let windows: UnsafePointer<UInt8>
    private let (chunkStride, groups, windowCount): (Int, Int, Int)
    private let offsets: (chunks: Int, maxima: Int, windows: Int)

    /// nil where a segment has none.
    init?(_ file: SafetensorsFile, documents: Int) throws(StorageError) {
        let prefix = FrequentWriter.prefix
        guard file.tensors[prefix + "terms"] != nil else { return nil }
        unsafe terms = try unsafe file.unsafeTensor(prefix + "terms", of: UInt32.self, type: .u32)
        let chunks = try unsafe file.unsafeTensor(prefix + "chunks", of: UInt8.self, type: .u8)
        let maxima = try unsafe file.unsafeTensor(prefix + "maxima", of: UInt8.self, type: .u8)
        let windows = try unsafe file.unsafeTensor(prefix + "windows", of: UInt8.self, type: .u8)
        chunkStride = FrequentWriter.chunks(documents: documents) * Int(APUS_CHUNK_BYTES)
        groups = FrequentWriter.groups(documents: documents)
        windowCount = FrequentWriter.windows(documents: documents)
        func offset(_ name: String) -> Int { file.tensors[prefix + name]?.offset ?? 0 }
        offsets = (offset("chunks"), offset("maxima"), offset("windows"))
        guard unsafe chunks.count == terms.count * chunkStride, unsafe maxima.count == terms.count * groups,
            unsafe windows.count == terms.count * windowCount
        else { throw .malformed(path: file.bytes.path, detail: "learned field: frequent lists of different lengths") }
        guard let first = chunks.baseAddress, let largest = maxima.baseAddress, let inWindows = windows.baseAddress,
            unsafe !terms.isEmpty
        else { return nil }
        unsafe (self.chunks, self.maxima, self.windows) = unsafe (first, largest, inWindows)
    }

    /// Whether a tensor is large, and compared with its checksums only where a search reads it.
    static func isReadHereAndThere(_ tensor: String) -> Bool {
        tensor.hasPrefix(FrequentWriter.prefix) && tensor != FrequentWriter.prefix + "terms"
    }

    /// The place of a term's list among the frequent ones; nil for other terms.
    func place(ofTerm term: Int) -> Int? { unsafe terms.place(ofAscending: term) }

    /// What the kernels read of a list; its weights are the caller's.
    func list(at place: Int) -> apus_frequent {
        var list = unsafe apus_frequent()
        unsafe list.chunks = unsafe chunks + place * chunkStride
        unsafe list.maxima = unsafe maxima + place * groups
        return unsafe list
    }

    /// The largest impact of a list in a window.
    func largest(at place: Int, inWindow window: Int) -> UInt8 { unsafe windows[place * windowCount + window] }

    /// Where a list's parts lie in the file.
    func bytes(at place: Int) -> [Range<Int>] {
        func range(_ offset: Int, _ stride: Int) -> Range<Int> {
            offset + place * stride..<offset + (place + 1) * stride
        }
        return [range(offsets.chunks, chunkStride), range(offsets.maxima, groups), range(offsets.windows, windowCount)]
    }

    /// What does not say of a list what its postings say, for `apus check --deep`.
    func problem(at place: Int, docids: [UInt32], values: [UInt32]) -> (tensor: String, place: String, detail: String)?
    {
        var counted = 0
        for chunk in 0..<chunkStride / Int(APUS_CHUNK_BYTES) {
            let start = place * chunkStride + chunk * Int(APUS_CHUNK_BYTES)
            var before: UInt32 = 0
            for byte in 0..<4 { before |= unsafe UInt32(chunks[start + byte]) << UInt32(8 * byte) }
            if Int(before) != counted {
                return (
                    FrequentWriter.prefix + "chunks", "chunk \(chunk)", "\(before) postings before it, not \(counted)"
                )
            }
            for bit in 0..<Int(APUS_CHUNK) where unsafe chunks[start + 4 + bit / 8] >> UInt8(bit % 8) & 1 == 1 {
                guard counted < docids.count, Int(docids[counted]) == chunk * Int(APUS_CHUNK) + bit else {
                    return (
                        FrequentWriter.prefix + "chunks", "chunk \(chunk)",
                        "a bit for docid \(chunk * Int(APUS_CHUNK) + bit), which the list does not have"
                    )
                }
                counted += 1
            }
        }
        if counted != docids.count {
            return (FrequentWriter.prefix + "chunks", "the list", "\(counted) bits for \(docids.count) postings")
        }
        for (docid, value) in zip(docids, values) {
            if unsafe UInt32(maxima[place * groups + Int(docid) / groupSize]) < value {
                return (
                    FrequentWriter.prefix + "maxima", "group \(Int(docid) / groupSize)",
                    "it does not dominate the impact \(value) of docid \(docid)"
                )
            }
            if UInt32(largest(at: place, inWindow: Int(docid) / windowSize)) < value {
                return (
                    FrequentWriter.prefix + "windows", "window \(Int(docid) / windowSize)",
                    "it does not dominate the impact \(value) of docid \(docid)"
                )
            }
        }
        return nil
    }
}
