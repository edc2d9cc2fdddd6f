import ApusReports
import ByteStrings
import CorpusFormats
import RetrievalEvaluation

/// Judgements that something can be measured with.
enum Judgements {
    /// Reads a qrels file.
    /// - Throws: `FormatError`; `EvaluationError.noJudgements` for a file that has none.
    static func read(_ path: String) throws -> Qrels { try contents(path).qrels }

    /// Reads a qrels file and says what it is.
    static func contents(_ path: String, threshold: Double? = nil) throws -> QrelsFile.Contents {
        try QrelsFile.contents(path, threshold: threshold)
    }

    /// What was understood of a file of judgements, in one line.
    static func note(_ path: String, _ contents: QrelsFile.Contents) -> String {
        var text = "\(path): \(contents.format.description), \(Format.count(contents.qrels.grades.count)) queries, "
        text += "\(Format.count(contents.qrels.count)) judged documents"
        if let threshold = contents.threshold { text += "; grades of at least \(threshold) count as 1, others as 0" }
        if contents.negative > 0 {
            text += "; \(Format.count(contents.negative)) of negative grade count as not judged"
        }
        return text + Judgements.passedOver(contents.comments, contents.repeated, "judgements") + "."
    }

    /// What was understood of a run file, in one line.
    static func note(_ path: String, _ contents: RunFile.Contents) -> String {
        "\(path): \(contents.format.description), \(Format.count(contents.run.rankings.count)) queries, "
            + "\(Format.count(contents.run.count)) results"
            + passedOver(contents.comments, contents.repeated, "documents of lower score") + "."
    }

    private static func passedOver(_ comments: Int, _ repeated: Int, _ what: String) -> String {
        var parts: [String] = []
        if comments > 0 { parts.append("\(Format.count(comments)) lines of comments or headers") }
        if repeated > 0 { parts.append("\(Format.count(repeated)) repeated \(what)") }
        return parts.isEmpty ? "" : "; passed over: " + parts.joined(separator: ", ")
    }

    /// Reads a qrels file that judges some of the topics.
    /// - Throws: Also `EvaluationError.noSharedQuery`.
    static func read(_ path: String, for topics: [Topic], from topicPath: String, threshold: Double? = nil) throws
        -> Qrels
    {
        let qrels = try contents(path, threshold: threshold).qrels
        guard topics.contains(where: { qrels.grades[ByteString($0.id)] != nil }) else {
            throw EvaluationError.noSharedQuery(
                path: topicPath, queries: topics.map(\.id), qrels: path,
                judged: qrels.grades.keys.sorted().map(\.string))
        }
        return qrels
    }
}
