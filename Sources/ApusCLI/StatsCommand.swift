import Apus
import ArgumentParser
import CorpusFormats

/// `apus stats`
struct StatsCommand: ParsableCommand {
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

    @OptionGroup var flags: SearchFlags
    @OptionGroup var indexFlags: IndexFlags

    func run() throws {
        let opened = try indexFlags.open(index)
        let report = try IndexReport(
            of: opened, topics: topics.map { try Topics.read($0) }, options: flags.options(mode: nil, hits: 10))
        if json {
            try StandardOutput.print(Format.json(report))
            return
        }
        var table = TextTable(["index", report.directory])
        table.add(["documents", Format.count(report.documents)])
        table.add(["commit", "\(report.commit), \(report.segments) segment\(report.segments == 1 ? "" : "s")"])
        table.add(["bytes of segments", Format.bytes(report.segmentBytes)])
        table.add(["bytes of documents", Format.bytes(report.documentBytes)])
        table.add(["analyzer", report.analyzer])
        table.add(["model", report.model])
        if report.profile != "standard" { table.add(["profile", report.profile]) }
        if let pruning = report.pruning { table.add(["of each document", pruning]) }
        if let passages = report.passages { table.add(["passages", passages.description]) }
        if let filterable = report.filterable { table.add(["filterable", filterable.joined(separator: ", ")]) }
        if let matching = report.matching { table.add(["documents that match", Format.count(matching)]) }
        for field in report.fields {
            table.add(["", ""])
            table.add([field.name == "text" ? "text field (BM25)" : "learned field", ""])
            table.add(["  terms", Format.count(field.terms)])
            table.add(["  postings", Format.count(field.postings)])
            table.add(["  bytes per posting", Format.decimals(field.bytesPerPosting, 2)])
            table.add([
                field.name == "text" ? "  words per document" : "  active terms per document",
                Format.decimals(field.perDocument, 1),
            ])
            if let clipped = field.clipped, let dropped = field.dropped {
                table.add(["  weights clipped / dropped", "\(Format.count(clipped)) / \(Format.count(dropped))"])
            }
            if let terms = field.perQuery { table.add(["  active terms per query", Format.decimals(terms, 1)]) }
            if let cut = field.truncatedQueries, cut > 0 { table.add(["  queries that were cut", Format.count(cut)]) }
            if let flops = field.flops { table.add(["  FLOPS", Format.decimals(flops, 3)]) }
        }
        try StandardOutput.print(table.text)
    }
}
