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

            --statistics writes the numbers that scores of the topics depend on, for a search of shards on several machines \
            (Scale in the documentation).
            """)

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Option(help: "Topics to measure queries with.", completion: .file())
    var topics: String?

    @Option(help: "With --topics: write their terms' numbers to this file.", completion: .file())
    var statistics: String?

    @Option(
        help:
            "Learned queries computed elsewhere, for --statistics: {\"id\", \"vector\": {term: weight}} on each line.",
        completion: .file())
    var queryVectors: String?

    @Option(help: "With --statistics: the mode of the search to come; bm25 needs no encoder.")
    var mode: SearchMode?

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
        guard statistics == nil || topics != nil || queryVectors != nil else {
            throw ValidationError("'--statistics' needs --topics FILE (or --query-vectors FILE).")
        }
        guard statistics != nil || (queryVectors == nil && mode == nil) else {
            throw ValidationError("'--query-vectors' and '--mode' go with --statistics.")
        }
    }

    func run() throws {
        let opened = try indexFlags.open(index, shards: shardFlags.shards)
        if let statistics { return try write(statistics, opened) }
        let report = try IndexReport(
            of: opened, topics: topics.map { try Topics.read($0) }, options: flags.options(opened, mode: nil, hits: 10))
        if json {
            try StandardOutput.print(AnswerJSON.text(report))
            return
        }
        try StandardOutput.print(IndexTable.text(report))
    }

    private func write(_ path: String, _ opened: SearchIndex) throws {
        let vectors = try queryVectors.map { try QueryVectors.read($0) }
        let topics = try topics.map { try Topics.read($0) } ?? vectors?.topics ?? []
        let file = try OutputFile(path: path)
        let document = try StatisticsDocument(
            of: opened, topics: topics, vectors: vectors?.terms, flags.options(opened, mode: mode, hits: 10))
        try file.write(try AnswerJSON.text(document, pretty: false) + "\n")
        try file.close()
    }
}
