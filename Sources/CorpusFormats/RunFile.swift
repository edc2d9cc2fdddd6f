import RetrievalEvaluation

/// Reads TREC run files: `qid Q0 docid rank score tag`.
public enum RunFile {
    /// Reads a run; the rank column is ignored, as in trec_eval.
    ///
    /// - Throws: A ``FormatError`` with file and line, also for a document that is listed twice for a query.
    public static func read(_ path: String) throws(FormatError) -> Run {
        let lines = try LineReader(path: path)
        var tag: String?
        var rankings: [String: [ScoredDocument]] = [:]
        var firstLines: [String: [String: Int32]] = [:]
        while let line = try lines.next() {
            if lines.isBlank(line) { continue }
            let columns = lines.columns(line)
            guard columns.count == 6 else {
                throw .wrongColumns(
                    path: path, line: lines.number, expected: "6 (query, Q0, document, rank, score, tag)",
                    found: columns.count)
            }
            let query = lines.string(columns[0])
            let document = lines.string(columns[2])
            let text = lines.string(columns[4])
            guard let score = Double(text), score.isFinite else {
                throw .badNumber(path: path, line: lines.number, what: "score", found: text)
            }
            if let first = firstLines[query, default: [:]].updateValue(Int32(clamping: lines.number), forKey: document)
            {
                throw .duplicate(
                    path: path, line: lines.number, what: "document '\(document)' for query '\(query)'",
                    firstPath: path, firstLine: Int(first))
            }
            rankings[query, default: []].append(ScoredDocument(id: document, score: score))
            if tag == nil { tag = lines.string(columns[5]) }
        }
        return Run(tag: tag ?? "run", rankings: rankings)
    }
}
