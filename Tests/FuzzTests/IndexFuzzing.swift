import FileStorage
import Foundation
import InvertedIndex

/// Opens a damaged index and searches it. Checksums are made to hold: they are what usually stands before the damage.
///
/// A seed of format 3 is converted first.
enum IndexFuzzing {
    private static let directory = "/dev/shm/apus-fuzz-index-\(getpid())"

    static func run(_ input: [UInt8]) -> Bool {
        let files = FuzzBundle(input).files
        guard let commit = files["commit"], let segment = files["segment"],
            (try? Directory.create(directory)) != nil
        else { return false }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let isFormer = String(decoding: commit, as: UTF8.self).contains("\"format\":3")
        let whole = isFormer ? (bytes: [UInt8](segment), root: CRC32C.checksum(of: [UInt8](segment))) : checked(segment)
        guard let body = sized(commit, whole.bytes.count, root: whole.root) else { return false }
        guard write(summed(body), "commit-1.json", in: directory),
            write(whole.bytes, "seg-0.safetensors", in: directory)
        else { return false }
        if isFormer {
            guard let lock = try? WriteLock(directory), let former = try? FormerIndex(lock),
                (try? IndexWriter.convert(former, lock, metadata: [:], texts: NoTexts(), stored: noTexts))
                    != nil
            else { return false }
        }
        guard let snapshot = try? IndexSnapshot.open(directory) else { return false }
        search(snapshot)
        return true
    }

    private static func noTexts(_ ids: [String]) throws(IndexError) -> [StoredText] { ids.map { _ in StoredText() } }

    /// Texts that are not kept; the file is there because the index wants one.
    private struct NoTexts: SegmentTextsWriter {
        func append(_ texts: [StoredText], to path: String) throws(IndexError) {
            guard FileManager.default.createFile(atPath: path, contents: Data()) else {
                throw .texts(path: path, detail: "it cannot be made")
            }
        }
        func finish(packs: Bool) throws(IndexError) -> WrittenTexts { WrittenTexts(identity: 0) }
        func join(
            _ parts: [SegmentTexts], rows: [[UInt32]?], to path: String, packs: Bool
        ) throws(IndexError) -> WrittenTexts { WrittenTexts(identity: 0) }
    }

    /// A file with the checksums that its pages have now, and their root.
    static func checked(_ segment: ArraySlice<UInt8>) -> (bytes: [UInt8], root: UInt32) {
        let pages = (segment.count + 4099) / 4100
        let covered = [UInt8](segment.dropLast(4 * pages))
        var sums: [UInt8] = []
        for start in stride(from: 0, to: covered.count, by: 4096) {
            let sum = CRC32C.checksum(of: Array(covered[start..<min(start + 4096, covered.count)]))
            unsafe sums += withUnsafeBytes(of: sum.littleEndian) { unsafe Array($0) }
        }
        return (covered + sums, CRC32C.checksum(of: sums))
    }

    /// The commit with the size and the checksum that the segment has now.
    private static func sized(_ commit: ArraySlice<UInt8>, _ size: Int, root: UInt32) -> [UInt8]? {
        guard let parsed = try? JSONSerialization.jsonObject(with: Data(commit)), var object = parsed as? [String: Any],
            var segments = object["segments"] as? [[String: Any]]
        else { return [UInt8](commit) }
        for index in segments.indices {
            segments[index]["bytes"] = size
            segments[index]["crc32c"] = root
            segments[index]["file"] = "seg-0.safetensors"
            segments[index]["texts"] = nil
        }
        object["segments"] = segments
        object["generation"] = 1
        return (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)).map { [UInt8]($0) }
    }

    /// A commit with its checksum on a line of its own.
    static func summed(_ commit: [UInt8]) -> [UInt8] {
        let digits = String(CRC32C.checksum(of: commit), radix: 16)
        return commit + Array("\n\(String(repeating: "0", count: 8 - digits.count))\(digits)\n".utf8)
    }

    static func write(_ bytes: [UInt8], _ name: String, in directory: String) -> Bool {
        FileManager.default.createFile(atPath: directory + "/" + name, contents: Data(bytes))
    }

    /// Searches in every way, and reads the vectors of what is found.
    static func search(_ snapshot: IndexSnapshot) {
        _ = try? snapshot.statistics()
        let words = ["cat", "mat", "fish", "w7", "nowhere"].map { QueryTerm(term: $0, weight: 1) }
        let text = Query(field: .text, terms: words)
        let learned = Query(field: .learned, terms: words)
        for traversal in Traversal.allCases {
            for query in [text, learned] { check(try? snapshot.search(query, k: 5, traversal: traversal), snapshot) }
            check(try? snapshot.search(FusedQuery(text: text, learned: learned), k: 5, traversal: traversal), snapshot)
        }
    }

    private static func check(_ result: SearchResult?, _ snapshot: IndexSnapshot) {
        for hit in result?.hits ?? [] {
            _ = try? snapshot.vector(of: hit.id)
            _ = try? snapshot.explain(
                Query(field: .learned, terms: [QueryTerm(term: "cat", weight: 1)]), documentID: hit.id)
        }
    }
}
