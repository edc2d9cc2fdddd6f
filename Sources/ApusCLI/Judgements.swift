import ByteStrings
import CorpusFormats
import RetrievalEvaluation

/// Judgements that something can be measured with.
enum Judgements {
    /// Reads a qrels file.
    /// - Throws: `FormatError`; `EvaluationError.noJudgements` for a file that has none.
    static func read(_ path: String) throws -> Qrels {
        let qrels = try QrelsFile.read(path).qrels
        guard !qrels.grades.isEmpty else { throw EvaluationError.noJudgements(path: path) }
        return qrels
    }

    /// Reads a qrels file that judges some of the topics.
    /// - Throws: Also `EvaluationError.noSharedQuery`.
    static func read(_ path: String, for topics: [Topic], from topicPath: String) throws -> Qrels {
        let qrels = try read(path)
        guard topics.contains(where: { qrels.grades[ByteString($0.id)] != nil }) else {
            throw EvaluationError.noSharedQuery(
                path: topicPath, queries: topics.map(\.id), qrels: path,
                judged: qrels.grades.keys.sorted().map(\.string))
        }
        return qrels
    }
}
