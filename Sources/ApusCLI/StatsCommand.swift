import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus stats`
struct StatsCommand: ParsableCommand, RankingCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Describe an index: documents, postings, bytes per posting, active terms, model.",
        discussion: """
            With --topics it also reports active terms per query and the FLOPS measure: the expected number of terms that \
            a query and a document share, the sum over terms of P(term in query) × P(term in document). With --filter it \
            counts the documents that match.
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics to measure queries with.", completion: .file())
    var topics: String?

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var rankingFlags: RankingFlags
    @OptionGroup var fusionFlags: FusionFlags
    @OptionGroup var feedbackFlags: FeedbackFlags
    @OptionGroup var traversalFlags: TraversalFlags
    @OptionGroup var indexFlags: IndexFlags

    func validate() throws { try RunFlags().validate(fusionFlags) }

    func run() throws {
        let opened = try indexFlags.open(index)
        let report = try IndexReport(
            of: opened, topics: topics.map { try Topics.read($0) }, options: flags.options(opened, mode: nil, hits: 10))
        if json {
            try StandardOutput.print(AnswerJSON.text(report))
            return
        }
        try StandardOutput.print(IndexTable.text(report))
    }
}
