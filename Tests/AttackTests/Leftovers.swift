import Foundation

/// Files in an index's folder that no commit names.
enum Leftovers {
    /// Their names. Every file of an index is a commit, the lock, or named in a commit.
    static func list(_ index: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: index)) ?? []
        let isCommit = { (name: String) in name.hasPrefix("commit-") && name.hasSuffix(".json") }
        let commits = names.filter(isCommit).compactMap { FileManager.default.contents(atPath: index + "/" + $0) }
            .map { String(decoding: $0, as: UTF8.self) }
        let foreign = AttackSite.foreign + ["link", "others"]
        var left = names.filter { name in
            if isCommit(name) || name == "write.lock" || foreign.contains(name) { return false }
            return !commits.contains { $0.contains("\"\(name)\"") || shortNames($0).contains(name) }
        }
        // The newest, and one more for readers that are opening it.
        if commits.count > 2 { left.append("\(commits.count) commits") }
        return left.sorted()
    }

    /// The names that follow from the numbers in a commit of format 5; none in others.
    private static func shortNames(_ commit: String) -> Set<String> {
        let line = Data(commit.utf8.prefix { $0 != 10 })
        let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any]
        var names: Set<String> = []
        for segment in object?["segments"] as? [[Any]] ?? [] where segment.count == 13 {
            guard let number = segment[0] as? Int else { continue }
            names.insert("seg-\(number)." + (segment[1] as? Int == 1 ? "packed" : "safetensors"))
            if let texts = (segment[11] as? [Any])?.first as? Int { names.insert("seg-\(texts).sqlite") }
            if let live = (segment[12] as? [Any])?.first as? Int { names.insert("seg-\(number).live-\(live)") }
        }
        return names
    }
}
