import FileStorage
import Foundation
import InvertedIndex

/// Opens a damaged index and searches it. Checksums are made to hold: they are what usually stands before the damage.
enum IndexFuzzing {
    private static let directory = "/dev/shm/apus-fuzz-index-\(getpid())"

    static func run(_ input: [UInt8]) -> Bool {
        let files = FuzzBundle(input).files
        guard let commit = files["commit"], let segment = files["segment"], let body = sized(commit, segment.count),
            (try? Directory.create(directory)) != nil
        else { return false }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let checksum = String(CRC32C.checksum(of: body), radix: 16)
        guard write(body + Array("\n\(checksum)\n".utf8), "commit-1.json"),
            write([UInt8](segment), "seg-0.safetensors"),
            let snapshot = try? IndexSnapshot.open(directory)
        else { return false }
        search(snapshot)
        return true
    }

    /// The commit with the size that the segment has now.
    private static func sized(_ commit: ArraySlice<UInt8>, _ size: Int) -> [UInt8]? {
        guard let parsed = try? JSONSerialization.jsonObject(with: Data(commit)), var object = parsed as? [String: Any],
            var segments = object["segments"] as? [[String: Any]]
        else { return [UInt8](commit) }
        for index in segments.indices {
            segments[index]["bytes"] = size
            segments[index]["file"] = "seg-0.safetensors"
        }
        object["segments"] = segments
        return (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)).map { [UInt8]($0) }
    }

    private static func write(_ bytes: [UInt8], _ name: String) -> Bool {
        FileManager.default.createFile(atPath: directory + "/" + name, contents: Data(bytes))
    }

    private static func search(_ snapshot: IndexSnapshot) {
        _ = snapshot.statistics()
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
            _ = snapshot.vector(of: hit.id)
            _ = try? snapshot.explain(
                Query(field: .learned, terms: [QueryTerm(term: "cat", weight: 1)]), documentID: hit.id)
        }
    }
}
