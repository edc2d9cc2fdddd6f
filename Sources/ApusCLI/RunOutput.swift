import Apus
import CorpusFormats
import FileStorage
import Foundation
import RetrievalEvaluation

/// Where a run goes: a file that appears when it is whole, or standard output.
enum RunOutput {
    static func write(_ batch: BatchAnswer, tag: String?, to path: String?) throws {
        var lines = ""
        for (topic, answer) in batch.answers {
            lines += RunWriter.lines(
                answer.documents.map { ScoredDocument(id: $0.id, score: $0.score) }, query: topic.id,
                tag: tag ?? answer.tag)
        }
        if let path, path != "-" {
            try AtomicFile.write(Array(lines.utf8), to: path)
        } else {
            FileHandle.standardOutput.write(Data(lines.utf8))
        }
    }
}
