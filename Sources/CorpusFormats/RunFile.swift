import ByteStrings
public import RetrievalEvaluation

/// Reads TREC run files: `qid Q0 docid rank score tag`.
public enum RunFile {
    /// One query's results, and on which lines they stand.
    private struct Ranking {
        var documents: [ScoredDocument] = []
        var lines: [UInt32] = []
    }

    /// Reads a run; the rank column is ignored, as in trec_eval.
    ///
    /// - Throws: A ``FormatError`` with file and line, also for a document that is listed twice for a query.
    /// - Complexity: O(n log n) for n results.
    public static func read(_ path: String) throws(FormatError) -> Run {
        let lines = try LineReader(path: path)
        var tag: String?
        var places: [ByteString: Int] = [:]
        var queries: [ByteString] = []
        var rankings: [Ranking] = []
        while let line = try lines.next() {
            if lines.isBlank(line) { continue }
            let columns = lines.columns(line)
            guard columns.count == 6 else {
                throw .wrongColumns(
                    path: path, line: lines.number, expected: "6 (query, Q0, document, rank, score, tag)",
                    found: columns.count)
            }
            let text = lines.string(columns[4])
            // Double(_:) stops at a NUL as C does.
            guard !text.utf8.contains(0), let score = Double(text), score.isFinite else {
                throw .badNumber(path: path, line: lines.number, what: "score", found: text)
            }
            let query = ByteString(lines.string(columns[0]))
            // Runs go query by query, so the last one is nearly always the right one.
            var place = rankings.count - 1
            if place < 0 || queries[place] != query {
                place = places[query] ?? rankings.count
                if place == rankings.count {
                    places[query] = place
                    queries.append(query)
                    rankings.append(Ranking())
                }
            }
            rankings[place].documents.append(ScoredDocument(id: lines.string(columns[2]), score: score))
            rankings[place].lines.append(UInt32(clamping: lines.number))
            if tag == nil { tag = lines.string(columns[5]) }
        }
        try checkDuplicates(rankings, queries, path)
        return Run(
            tag: tag ?? "run",
            rankings: Dictionary(uniqueKeysWithValues: zip(queries, rankings.map(\.documents))))
    }

    /// Looks query by query, so that the table of ids never holds more than one ranking.
    private static func checkDuplicates(
        _ rankings: [Ranking], _ queries: [ByteString], _ path: String
    ) throws(FormatError) {
        var earliest: (line: UInt32, query: Int, document: String, first: UInt32)?
        for (place, ranking) in rankings.enumerated() {
            var firstLines: [ByteString: UInt32] = [:]
            firstLines.reserveCapacity(ranking.documents.count)
            for (document, line) in zip(ranking.documents, ranking.lines) {
                guard let first = firstLines.updateValue(line, forKey: ByteString(document.id)) else { continue }
                if line < earliest?.line ?? .max { earliest = (line, place, document.id, first) }
                break
            }
        }
        guard let earliest else { return }
        throw .duplicate(
            path: path, line: Int(earliest.line),
            what: "document '\(earliest.document)' for query '\(queries[earliest.query])'", firstPath: path,
            firstLine: Int(earliest.first))
    }
}
