import Apus
import CorpusFormats
import RetrievalEvaluation

/// Where the answers to a file of topics go: the file of `--output`, or standard output.
///
/// Made before the search, so that a place that cannot be written is an error at once.
struct RunOutput {
    private let file: OutputFile?
    private let run: RunWriter?

    /// - Parameter isRun: TREC lines; else whatever lines it is given.
    /// - Throws: `FormatError`.
    init(_ path: String?, isRun: Bool) throws {
        run = isRun ? try RunWriter(path: path ?? "-", tag: "apus") : nil
        file = isRun ? nil : try path.map { try OutputFile(path: $0) }
    }

    /// Writes one topic's ranking.
    func write(_ answer: SearchAnswer, for topic: Topic, tag: String?) throws {
        try run?.write(
            answer.documents.map { ScoredDocument(id: $0.id, score: $0.score) }, for: topic.id, tag: tag ?? answer.tag)
    }

    /// Writes a line.
    func line(_ line: String) throws {
        if let file { try file.write(line + "\n") } else { try StandardOutput.print(line) }
    }

    /// Completes the file.
    func close() throws {
        try run?.close()
        try file?.close()
    }
}
