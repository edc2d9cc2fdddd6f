import Apus
import CorpusFormats
import FileStorage
import InvertedIndex

/// numpy and scipy: documents × terms as a compressed sparse row matrix, which `scipy.sparse.load_npz` reads; rows are lines of `ids.txt`,
/// columns lines of `vocabulary.txt`.
///
/// Impacts are 32-bit integers, for products of smaller ones overflow there.
struct NPZ {
    static let name = "npz"
    static let file = "vectors.npz"
    static let ids = "ids.txt"

    let source: ExportSource

    /// Writes the matrix and the ids; both appear whole.
    /// - Parameter progress: Gets the number of documents so far, and throws to stop.
    /// - Throws: `IndexError`, `StorageError`, and what `progress` throws.
    func write(
        to directory: String, _ parts: [[(view: Int, docids: Range<Int>)]], _ progress: (Int) throws -> Void
    ) throws {
        let postings = try source.index.snapshot.statistics().fields.first { $0.field == .learned }?.postings ?? 0
        let file = try AtomicFile(path: directory + "/" + Self.file)
        let ids = try AtomicFile(path: directory + "/" + Self.ids)
        let values = ScratchFile(directory: directory, most: 8 << 20)
        var archive = ZipWriter { try file.write($0) }
        try archive.begin("indices.npy")
        try archive.append(Self.head("<i4", [postings]))
        var ends: [Int64] = [0]
        ends.reserveCapacity(source.count + 1)
        var row = 0
        for part in parts {
            var (columns, data, lines): ([UInt8], [UInt8], [UInt8]) = ([], [], [])
            try source.read(part, from: row) { document in
                for (term, impact) in zip(document.terms, document.impacts) {
                    Self.append(term, to: &columns)
                    Self.append(UInt32(impact), to: &data)
                }
                lines.append(contentsOf: document.id.utf8)
                lines.append(0x0A)
                ends.append(ends[ends.count - 1] + Int64(document.terms.count))
                row += 1
            }
            try archive.append(columns)
            try values.append(data)
            try ids.write(lines)
            try progress(row)
        }
        try archive.end()
        try archive.begin("data.npy")
        try archive.append(Self.head("<i4", [postings]))
        try values.read { (piece) throws(StorageError) in
            do { try archive.append(piece) } catch let error as StorageError { throw error } catch {
                throw .malformed(path: directory + "/" + Self.file, detail: "\(error)")
            }
        }
        try archive.end()
        try member("indptr.npy", "<i8", [ends.count], ends, &archive)
        try member("shape.npy", "<i8", [2], [Int64(source.count), Int64(source.vocabulary.terms.count)], &archive)
        try archive.begin("format.npy")
        try archive.append(Self.head("|S3", []) + Array("csr".utf8))
        try archive.end()
        try archive.finish()
        try ids.commit()
        try file.commit()
    }

    private func member(
        _ name: String, _ type: String, _ shape: [Int], _ values: [Int64], _ archive: inout ZipWriter
    ) throws {
        try archive.begin(name)
        try archive.append(Self.head(type, shape))
        try archive.append(
            values.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * Int64($0))) } })
        try archive.end()
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: number))
        bytes.append(UInt8(truncatingIfNeeded: number >> 8))
        bytes.append(UInt8(truncatingIfNeeded: number >> 16))
        bytes.append(UInt8(truncatingIfNeeded: number >> 24))
    }

    /// The head of an array, version 1.0, its length a multiple of 64.
    private static func head(_ type: String, _ shape: [Int]) -> [UInt8] {
        let sizes = shape.count == 1 ? "\(shape[0])," : shape.map(String.init).joined(separator: ", ")
        var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
        text += String(repeating: " ", count: (64 - (10 + text.utf8.count + 1) % 64) % 64) + "\n"
        let count = text.utf8.count
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(count & 0xFF), UInt8(count >> 8)] + Array(text.utf8)
    }
}
