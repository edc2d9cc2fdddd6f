import ByteStrings

/// Where the documents that a build adds stand in its input, so that a second one with the same id can name the first.
///
/// Documents whose lines follow each other take no memory but for the first of them; ids are held by the index alone.
struct InputPlaces {
    private struct Run {
        var ordinal: Int
        var file: Int32
        var line: Int32
    }

    private var runs: [Run] = []
    private var paths: [String] = []
    /// Documents so far.
    private(set) var count = 0

    /// Remembers the place of the next document.
    mutating func append(path: String, line: Int) {
        if paths.last.map({ ByteString($0) != ByteString(path) }) ?? true { paths.append(path) }
        let file = Int32(clamping: paths.count - 1)
        defer { count += 1 }
        if let last = runs.last, last.file == file, Int(last.line) + count - last.ordinal == line { return }
        runs.append(Run(ordinal: count, file: file, line: Int32(clamping: line)))
    }

    /// The place of a document, by the number of documents before it.
    /// - Complexity: O(log runs).
    func place(of ordinal: Int) -> (path: String, line: Int)? {
        guard (0..<count).contains(ordinal) else { return nil }
        var (low, high) = (0, runs.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if runs[middle].ordinal <= ordinal { low = middle } else { high = middle }
        }
        return (paths[Int(runs[low].file)], Int(runs[low].line) + ordinal - runs[low].ordinal)
    }
}
