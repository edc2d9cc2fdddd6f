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

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var indexFlags: IndexFlags
    @OptionGroup var shardFlags: ShardFlags

    func validate() throws { try RunFlags().validate(fusionFlags) }

    func run() throws {
        let opened = try indexFlags.open(index, shards: shardFlags.shards)
        let options = flags.options(opened, mode: mode, hits: 10)
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
