import Apus
import ApusReports
import ArgumentParser
import CorpusFormats

/// `apus plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Say what a collection would take: machines, memory, disk, hours of encoding, latency, network.",
        discussion: """
            From what one core and one document cost as measured (the last row says when and where), and the formulas of the article \
            Scale. Every query goes to all shards, and each lies in the memory of a machine. Latencies come from a simulation of \
            the slowest shard, with stragglers and with slow requests that are asked again.
            """)

    @Option(help: "Documents: 4000000, 10e9.")
    var documents: Double

    @Option(help: "Learned terms of a document; 0 for words alone.")
    var terms = 120.0

    @Option(help: "Words of a document; 0 for learned terms alone.")
    var words = 50.0

    @Option(help: "Bytes of a document's text; 0 where texts are not stored.")
    var textBytes = 400.0

    @Option(help: "Tokens of a document that are encoded.")
    var tokens = 128.0

    @Option(help: "Queries in a second.")
    var queriesPerSecond = 1.0

    @Option(help: "Learned terms of a query.")
    var queryTerms = 43.0

    @Option(help: "Words of a query, for collections of words alone.")
    var queryWords = 8.0

    @Option(name: [.customShort("k"), .long], help: "Documents per query.")
    var hits = 10

    @Option(help: "Cores of a machine.")
    var cores = 16

    @Option(help: "Memory of a machine: 64GB, 256GB, …", transform: MemorySize.parse)
    var memory = MemorySize(bytes: 64_000_000_000)

    @Option(help: "The share of the cores that may be busy, above 0 and below 1.")
    var utilisation = 0.5

    @Option(help: "Milliseconds that 99 of 100 queries should stay within, without waiting and stragglers.")
    var latency = 250.0

    @Option(help: "The share of requests that are slow for a reason outside of the query.")
    var stragglers = 0.01

    @Option(help: "How many times slower they are.")
    var slowdown = 10.0

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        for (name, value, range) in [
            ("--documents", documents, 1...1e15), ("--terms", terms, 0...1e5), ("--words", words, 0...1e9),
            ("--text-bytes", textBytes, 0...1e9), ("--tokens", tokens, 0...1e6),
            ("--queries-per-second", queriesPerSecond, 1e-6...1e9), ("--query-terms", queryTerms, 1...1e5),
            ("--query-words", queryWords, 1...1e5),
            ("--utilisation", utilisation, 0.01...0.99), ("--stragglers", stragglers, 0...1),
            ("--latency", latency, 0.001...1e9), ("--slowdown", slowdown, 1...1e6),
        ] as [(String, Double, ClosedRange<Double>)] {
            guard range.contains(value) else {
                throw ValidationError(
                    "'\(name)' must be between \(range.lowerBound) and \(range.upperBound), not \(value).")
            }
        }
        guard terms > 0 || words > 0 else { throw ValidationError("'--terms' and '--words' cannot both be 0.") }
        guard (1...100_000).contains(hits) else {
            throw ValidationError("'-k' must be between 1 and 100000, not \(hits).")
        }
        guard (1...4096).contains(cores) else {
            throw ValidationError("'--cores' must be between 1 and 4096, not \(cores).")
        }
    }

    func run() throws {
        var request = CapacityRequest(documents: documents)
        (request.terms, request.words, request.textBytes, request.tokens) = (terms, words, textBytes, tokens)
        (request.queriesPerSecond, request.queryTerms, request.hits) = (queriesPerSecond, queryTerms, hits)
        (request.cores, request.memory, request.utilisation) = (cores, Double(memory.bytes), utilisation)
        (request.queryWords, request.latency) = (queryWords, latency)
        (request.stragglers, request.slowdown) = (stragglers, slowdown)
        let plan = CapacityPlan(request)
        try StandardOutput.print(json ? AnswerJSON.text(plan) : CapacityTable.text(plan))
    }
}
