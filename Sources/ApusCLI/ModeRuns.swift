import Apus
import ApusReports
import ArgumentParser
import ByteStrings
import CorpusFormats
import RetrievalEvaluation

/// The modes of an index as systems that are measured: the judged topics, answered by each.
struct ModeRuns {
    /// One mode's answers.
    struct Answers {
        var mode: SearchMode
        var batch: BatchAnswer
        var options: SearchOptions
    }

    let opened: SearchIndex
    /// Topics that have judgements.
    let judged: [Topic]
    let runs: [Run]
    let threads: Int

    /// - Throws: `ValidationError` for a mode that is not one.
    static func modes(_ list: String?) throws -> [SearchMode]? {
        try list?.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let mode = SearchMode(rawValue: String(name)) else {
                throw ValidationError("'--mode' takes \(SearchMode.list(last: " and ")), not '\(name)'.")
            }
            return mode
        }
    }

    /// - Throws: What a search throws.
    func answer(_ mode: SearchMode, _ flags: SearchFlags, hits: Int) throws -> Answers {
        var options = flags.options(opened, mode: mode, hits: hits)
        options.runs = runs
        let batch = try opened.search(judged, options, threads: threads) { done in
            if done % 16 == 0 { Terminal.progress("\(mode.rawValue): \(done) of \(judged.count) topics") }
        }
        Terminal.endProgress()
        return Answers(mode: mode, batch: batch, options: options)
    }

    /// What the answers cost.
    /// - Throws: `IndexError`.
    func cost(of answers: Answers) throws -> SearchCost {
        try SearchCost(of: answers.batch, in: opened, answers.options)
    }

    /// What a reader should know of how the modes answered.
    func notes(_ all: [Answers], topics: Int, _ flags: SearchFlags, hits: Int) -> [String] {
        var notes = all.filter { $0.batch.fallbacks > 0 }.map {
            "\($0.mode.rawValue): BM25 stood in for \($0.batch.fallbacks) of \(judged.count) queries."
        }
        if let note = Format.truncation(all.map(\.batch.truncated).max() ?? 0) { notes.append(note) }
        if judged.count < topics {
            notes.append("\(topics - judged.count) of \(topics) topics have no judgements and were left out.")
        }
        let summaries = all.map {
            "\($0.mode.rawValue): \(flags.options(opened, mode: $0.mode, hits: hits).ranking($0.mode).summary)"
        }
        notes.append(
            "\(opened.directory): \(Format.count(opened.snapshot.documentCount, "document")); "
                + summaries.joined(separator: "; ") + ".")
        return notes
    }
}
