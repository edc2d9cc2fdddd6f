import Apus
import ApusExchange
import ApusReports
import ArgumentParser
import CorpusFormats
import InvertedIndex
import TextAnalysis

/// `apus import`
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make an index of another engine's: CIFF.",
        discussion: """
            Reads the Common Index File Format, also as .gz or from standard input ('-'). The format does not say what its numbers \
            are: --field text takes them as term frequencies for BM25, --field learned as impacts. What 'apus export' wrote says it \
            itself. Impacts above 255 are scaled down to 255.

            BM25 finds only words that were split as the other engine split them: Anserini's and Lucene's English is --analyzer \
            english. No texts come with the format. Vectors (JSON lines, .npz, .msgpack) are read by 'apus index --vectors'.
            """)

    @Argument(help: "The CIFF file; '-' for standard input.", completion: .file())
    var input: String

    @Option(name: .shortAndLong, help: "The index directory.", completion: .directory)
    var output: String

    @Option(help: "What the numbers are: text (term frequencies) or learned (impacts).")
    var field: Field?

    @Option(help: "How words of queries are analysed: english, german, french or unicode.")
    var analyzer = Analyzer.Name.english

    @Option(help: "BM25's term saturation for searches that ask for none; 0.9 unless given.")
    var k1: Float?

    @Option(name: .customLong("b"), help: "BM25's length normalisation, 0 to 1, likewise; 0.4 unless given.")
    var b: Float?

    @Option(help: "standard, or compact: 5-bit learned impacts.")
    var profile = IndexProfile.standard

    @Flag(help: "Store learned vectors beside the posting lists too.")
    var storeVectors = false

    @Flag(help: "Keep the documents in the order read; without it similar ones become neighbours.")
    var keepOrder = false

    @Flag(help: "Make an existing index anew; the old one answers until the new one is whole.")
    var replace = false

    @Option(help: "Memory that it may take: 128MB, 512MB, 2GB, ….", transform: MemorySize.parse)
    var memory = MemorySize(bytes: IndexBuilder(directory: "").memory)

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws { try WeightingFlags.validate(k1: k1, b: b) }

    func run() async throws {
        var task = CIFFImport(to: output)
        (task.field, task.replaces, task.analyzer, task.reorders) = (field, replace, analyzer, !keepOrder)
        (task.profile, task.storesVectors, task.memory) = (profile, storeVectors, memory.bytes)
        task.bm25 = BM25Parameters(k1: k1 ?? task.bm25.k1, b: b ?? task.bm25.b)
        defer { Terminal.endProgress() }
        let report = try await task.run(input) { share in
            Terminal.progress(share.map { "\(Int($0 * 100)) % read" } ?? "reading")
        }
        Terminal.endProgress()
        for note in report.notes { Terminal.note("note: \(note)") }
        if json { return try StandardOutput.printSummary(AnswerJSON.text(report)) }
        var text =
            "\(Format.count(report.documents, "document")), \(Format.count(report.lists)) \(report.field) terms, "
            + "\(Format.count(report.postings)) postings in '\(output)'."
        if let scale = report.scale, scale != 1 {
            text += "\nThe largest number is above 255: impacts are the file's numbers times \(scale)."
            if report.dropped > 0 { text += " \(Format.count(report.dropped)) of them became nothing." }
        }
        try StandardOutput.printSummary(text)
    }
}
