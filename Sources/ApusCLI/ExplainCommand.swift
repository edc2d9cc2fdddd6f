import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus explain`
struct ExplainCommand: ParsableCommand, RankingCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Say why a document scores as it does: each term's weight in the query, in the document, their product.")

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "The query text.")
    var query: String

    @Argument(help: "The document's id.")
    var document: String

    @Option(help: "bm25, splade, hybrid (both fields, and how their lists are fused) or fused (both, weighted).")
    var mode: SearchMode?

    @Flag(
        help:
            "Also say how the search ran: traversal and why, postings touched, blocks skipped, threshold at start and end, what is proved."
    )
    var plan = false

    @Flag(
        help:
            "Say it in words: which terms count, its place, what the best document has that it lacks, why it is not among the first -k."
    )
    var words = false

    @Option(name: [.customShort("k"), .long], help: "With --words: the documents that an answer has.")
    var hits = 10

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var indexFlags: IndexFlags
    @OptionGroup var shardFlags: ShardFlags

    func validate() throws {
        try RunFlags().validate(fusionFlags)
        guard hits > 0 else { throw ValidationError("'-k' must be at least 1, not \(hits).") }
        guard !words || !plan else { throw ValidationError("Give either '--words' or '--plan'.") }
    }

    func run() throws {
        let opened = try indexFlags.open(index, shards: shardFlags.shards)
        let options = flags.options(opened, mode: mode, hits: hits)
        if words {
            let told = try opened.inWords(query, document: document, options)
            return try StandardOutput.print(
                json ? AnswerJSON.text(told) : told.sentences.map { $0.showingControls() }.joined(separator: "\n"))
        }
        let found = try opened.explain(query, document: document, options)
        for note in found.notes { Terminal.note("note: \(note)") }
        let answer = plan ? try opened.search(query, options) : nil
        if json {
            let text = try answer.map { try AnswerJSON.text(ExplanationDocument(found, $0)) }
            return try StandardOutput.print(text ?? AnswerJSON.text(found.fields))
        }
        try StandardOutput.print(ExplanationText.text(found, options))
        if let answer { try StandardOutput.print(PlanTable.text(answer)) }
    }
}
