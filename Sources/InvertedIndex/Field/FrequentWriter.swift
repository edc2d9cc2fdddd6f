import CApusKernels
import FileStorage

/// Documents of a window, in which the window traversal adds up sparse lists before it bounds groups.
let windowSize = 8192
/// Documents of a group.
let groupSize = Int(APUS_GROUP)

/// Writes what the window traversal reads of frequent lists beside their blocks, for learned lists with a document in at least every
/// sixteenth.
///
///     learned.frequent.terms U32 [F]       ascending; only large segments of the standard profile have any of the tensors
///     learned.frequent.chunks U8 [F, C, 36]    per 256 documents: the list's postings before them (U32), then a bit for each, [16] U16
///     learned.frequent.maxima U8 [F, G]    the largest impact in each group of 16 documents; G: groups, padded to a multiple of 64
///     learned.frequent.windows U8 [F, W]   and in each window of 8,192
package struct FrequentWriter {
    static let prefix = "learned.frequent."
    static let tensors = 4
    /// Documents from which a segment has them: smaller ones are scored as a whole.
    @TaskLocal package static var fewestDocuments = QueryPlan.fewestForRanges
    /// A list is frequent with a document in one of this many.
    static let share = 16
    /// Bytes of each kind that are kept in memory.
    private static let mostBytes = 16 << 20

    private let documents: Int
    private var terms: [UInt32] = []
    private let chunkFile: ScratchFile
    private let maximaFile: ScratchFile
    private let windowFile: ScratchFile
    private var chunks: [UInt8] = []
    private var maxima: [UInt8] = []
    private var windows: [UInt8] = []

    /// nil where the segment has none.
    /// - Parameter directory: Where what does not fit into memory waits.
    init?(documents: Int, profile: IndexProfile, directory: String) {
        guard profile == .standard, documents >= Self.fewestDocuments else { return nil }
        self.documents = documents
        chunkFile = ScratchFile(directory: directory, most: Self.mostBytes)
        maximaFile = ScratchFile(directory: directory, most: Self.mostBytes)
        windowFile = ScratchFile(directory: directory, most: Self.mostBytes)
    }

    /// Groups of a segment, padded.
    static func groups(documents: Int) -> Int {
        let padded = Int(APUS_GROUPS_AT_ONCE)
        return ((documents + groupSize - 1) / groupSize + padded - 1) / padded * padded
    }

    /// Chunks of a segment, padded as its groups are.
    static func chunks(documents: Int) -> Int { groups(documents: documents) * groupSize / Int(APUS_CHUNK) }

    /// Windows of a segment.
    static func windows(documents: Int) -> Int { (documents + windowSize - 1) / windowSize }

    /// Takes the list of a term where it is frequent.
    mutating func append(_ list: PostingList, term: Int) throws(StorageError) {
        guard list.docids.count * Self.share >= documents else { return }
        terms.append(UInt32(term))
        chunks.removeAll(keepingCapacity: true)
        maxima.removeAll(keepingCapacity: true)
        windows.removeAll(keepingCapacity: true)
        let chunkBytes = Int(APUS_CHUNK_BYTES)
        chunks.append(contentsOf: repeatElement(0, count: Self.chunks(documents: documents) * chunkBytes))
        maxima.append(contentsOf: repeatElement(0, count: Self.groups(documents: documents)))
        windows.append(contentsOf: repeatElement(0, count: Self.windows(documents: documents)))
        var begun = 0
        for (place, docid) in list.docids.enumerated() {
            let (docid, impact) = (Int(docid), UInt8(list.values[place]))
            let chunk = docid / Int(APUS_CHUNK)
            while begun <= chunk {
                write(UInt32(place), to: begun * chunkBytes)
                begun += 1
            }
            let bit = docid % Int(APUS_CHUNK)
            chunks[chunk * chunkBytes + 4 + bit / 8] |= 1 << UInt8(bit % 8)
            maxima[docid / groupSize] = max(maxima[docid / groupSize], impact)
            windows[docid / windowSize] = max(windows[docid / windowSize], impact)
        }
        while begun * chunkBytes < chunks.count {
            write(UInt32(list.docids.count), to: begun * chunkBytes)
            begun += 1
        }
        try chunkFile.append(chunks)
        try maximaFile.append(maxima)
        try windowFile.append(windows)
    }

    private mutating func write(_ value: UInt32, to place: Int) {
        for byte in 0..<4 { chunks[place + byte] = UInt8(truncatingIfNeeded: value >> UInt32(8 * byte)) }
    }

    /// Writes the tensors.
    func finish(_ file: SafetensorsStream) throws(StorageError) {
        try file.write(Self.prefix + "terms", .u32, terms)
        try write("chunks", chunkFile, file)
        try write("maxima", maximaFile, file)
        try write("windows", windowFile, file)
    }

    private func write(_ name: String, _ scratch: ScratchFile, _ file: SafetensorsStream) throws(StorageError) {
        try file.begin(Self.prefix + name, .u8)
        try scratch.read { (piece) throws(StorageError) in try file.append(piece) }
        try file.end(shape: [terms.count, scratch.count / max(1, terms.count)])
    }
}
