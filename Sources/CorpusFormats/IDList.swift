/// Reads external ids, one on each line.
public enum IDList {
    /// The ids of a file in its order; empty lines are passed over. `-` is standard input.
    /// - Throws: A ``FormatError`` with file and line; ``FormatError/nothing(path:what:found:)`` for a file without ids.
    public static func read(_ path: String) throws(FormatError) -> [String] {
        let lines = try LineReader(path: path)
        var ids: [String] = []
        while let line = try lines.next() {
            if lines.isBlank(line) { continue }
            ids.append(try ExternalID.checked(lines.string(line), "document id", path: path, line: lines.number))
        }
        if ids.isEmpty {
            throw .nothing(path: path, what: "ids", found: lines.number == 0 ? "it is empty" : "its lines are empty")
        }
        return ids
    }
}
