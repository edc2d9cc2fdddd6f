import CApusKernels
import FileStorage

/// Documents of a window, in which the window traversal adds up sparse lists before it bounds groups.
let windowSize = 8192
/// Documents of a group.
let groupSize = Int(APUS_GROUP)

/// Writes what the window traversal reads of frequent lists beside their blocks, for learned lists with a document in at least every
/// twenty-fourth: with more of them the arrays outgrow what they save, with fewer more postings are added up.
///
///     learned.frequent.terms U32 [F]       ascending; only large segments of the standard profile have any of the tensors
///     learned.frequent.masks U16 [F, G]    a bit for each of 16 documents; G: groups, padded to a multiple of 64
///     learned.frequent.maxima U8 [F, G]    their largest impact
///     learned.frequent.places U32 [F, G / 16, 2]    per 256 documents: where the first of their impacts lies in learned.postings;
///                                          how many follow in its block (8 bits), the bytes from there to the next block's
///                                          impacts (12 bits), and from that block to the one behind it (12 bits)
///     learned.frequent.windows U8 [F, W]   the largest impact in each 8,192 documents
package struct FrequentWriter {
    static let prefix = "learned.frequent."
    static let tensors = 5
    /// Documents from which a segment has them: smaller ones are scored as a whole.
    @TaskLocal package static var fewestDocuments = QueryPlan.fewestForWindows
    /// A list is frequent with a document in one of this many.
    static let share = 24
    /// Bytes of each kind that are kept in memory.
    private static let mostBytes = 16 << 20

    private let documents: Int
    private var terms: [UInt32] = []
    private let maskFile: ScratchFile
    private let maximaFile: ScratchFile
    private let placeFile: ScratchFile
    private let windowFile: ScratchFile
    private var masks: [UInt8] = []
    private var maxima: [UInt8] = []
    private var places: [UInt8] = []
    private var windows: [UInt8] = []

    /// nil where the segment has none.
    /// - Parameter directory: Where what does not fit into memory waits.
    init?(documents: Int, profile: IndexProfile, directory: String) {
        guard profile == .standard, documents >= Self.fewestDocuments else { return nil }
        self.documents = documents
        maskFile = ScratchFile(directory: directory, most: Self.mostBytes)
        maximaFile = ScratchFile(directory: directory, most: Self.mostBytes)
        placeFile = ScratchFile(directory: directory, most: Self.mostBytes)
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
    /// - Parameter impacts: Where the impacts of each of its blocks begin in the postings, a byte each.
    mutating func append(_ list: PostingList, term: Int, impacts: [Int]) throws(StorageError) {
        guard list.docids.count * Self.share >= documents else { return }
        terms.append(UInt32(term))
        let groups = Self.groups(documents: documents)
        masks = [UInt8](repeating: 0, count: groups * 2)
        maxima = [UInt8](repeating: 0, count: groups)
        windows = [UInt8](repeating: 0, count: Self.windows(documents: documents))
        places.removeAll(keepingCapacity: true)
        var firsts = [Int](repeating: list.docids.count, count: Self.chunks(documents: documents) + 1)
        for (place, docid) in list.docids.enumerated() {
            let (docid, impact) = (Int(docid), UInt8(list.values[place]))
            masks[docid / 8] |= 1 << UInt8(docid % 8)
            maxima[docid / groupSize] = max(maxima[docid / groupSize], impact)
            windows[docid / windowSize] = max(windows[docid / windowSize], impact)
            firsts[docid / Int(APUS_CHUNK)] = min(firsts[docid / Int(APUS_CHUNK)], place)
        }
        // Chunks without a posting are never looked up.
        for first in firsts.dropLast() {
            let block = first / blockSize
            guard block < impacts.count, first < list.docids.count else {
                write(0)
                write(0)
                continue
            }
            func gap(_ block: Int) -> UInt32 {
                block < impacts.count ? UInt32(impacts[block] - impacts[block - 1] - blockSize) : 0
            }
            write(UInt32(impacts[block] + first % blockSize))
            write(apus_frequent_place(UInt32(blockSize - first % blockSize), gap(block + 1), gap(block + 2)))
        }
        try maskFile.append(masks)
        try maximaFile.append(maxima)
        try placeFile.append(places)
        try windowFile.append(windows)
    }

    private mutating func write(_ value: UInt32) {
        for byte in 0..<4 { places.append(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
    }

    /// Writes the tensors.
    func finish(_ file: SafetensorsStream) throws(StorageError) {
        let chunks = Self.chunks(documents: documents)
        try file.write(Self.prefix + "terms", .u32, terms)
        try write("masks", .u16, maskFile, [Self.groups(documents: documents)], file)
        try write("maxima", .u8, maximaFile, [Self.groups(documents: documents)], file)
        try write("places", .u32, placeFile, [chunks, 2], file)
        try write("windows", .u8, windowFile, [Self.windows(documents: documents)], file)
    }

    private func write(
        _ name: String, _ type: TensorType, _ scratch: ScratchFile, _ shape: [Int], _ file: SafetensorsStream
    ) throws(StorageError) {
        try file.begin(Self.prefix + name, type)
        try scratch.read { (piece) throws(StorageError) in try file.append(piece) }
        try file.end(shape: [terms.count] + shape)
    }
}
