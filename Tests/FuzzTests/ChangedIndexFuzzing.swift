import FileStorage
import Foundation
import InvertedIndex

/// Opens, searches and checks a damaged index that has changed: packed segments, stored vectors, deleted documents.
///
/// The bundle holds `commit` and the files that it names, packed ones unpacked. Sizes and checksums are made to hold: they are what
/// usually stands before the damage.
enum ChangedIndexFuzzing {
    private static let directory = "/dev/shm/apus-fuzz-changed-\(getpid())"

    static func run(_ input: [UInt8]) -> Bool {
        let files = FuzzBundle(input).files
        guard let commit = files["commit"], (try? Directory.create(directory)) != nil else { return false }
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var roots: [String: (bytes: Int, root: UInt32)] = [:]
        for (name, content) in files where name != "commit" && !name.contains("/") {
            let whole =
                name.hasSuffix(".packed")
                ? packed([UInt8](content)) : IndexFuzzing.checked(content)
            roots[name] = (whole.bytes.count, whole.root)
            guard IndexFuzzing.write(whole.bytes, name, in: directory) else { return false }
        }
        guard let body = fitted(commit, roots),
            IndexFuzzing.write(IndexFuzzing.summed(body), "commit-1.json", in: directory)
        else { return false }
        guard let snapshot = try? IndexSnapshot.open(directory) else { return false }
        IndexFuzzing.search(snapshot)
        guard let findings = try? snapshot.deepCheck() else { return false }
        return findings.isEmpty
    }

    private static func packed(_ content: [UInt8]) -> (bytes: [UInt8], root: UInt32) {
        let bytes = PackedFile.packed(content)
        return (bytes, CRC32C.checksum(of: bytes))
    }

    /// The commit with sizes and checksums as they are now, and without texts in files, which are another reader's.
    private static func fitted(
        _ commit: ArraySlice<UInt8>, _ roots: [String: (bytes: Int, root: UInt32)]
    ) -> [UInt8]? {
        guard let parsed = try? JSONSerialization.jsonObject(with: Data(commit)), var object = parsed as? [String: Any],
            var segments = object["segments"] as? [[Any]]
        else { return [UInt8](commit) }
        for index in segments.indices where segments[index].count == 13 {
            guard let number = segments[index][0] as? Int, let isPacked = segments[index][1] as? Int else { continue }
            if let root = roots["seg-\(number)." + (isPacked == 1 ? "packed" : "safetensors")] {
                segments[index][2] = root.bytes
                segments[index][3] = root.root
            }
            if isPacked != 1 { segments[index][11] = NSNull() }
            if var live = segments[index][12] as? [Any], live.count == 6, let commit = live[0] as? Int,
                let root = roots["seg-\(number).live-\(commit)"]
            {
                live[1] = root.bytes
                live[2] = root.root
                segments[index][12] = live
            }
        }
        object["segments"] = segments
        object["generation"] = 1
        return (try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)).map { [UInt8]($0) }
    }
}
