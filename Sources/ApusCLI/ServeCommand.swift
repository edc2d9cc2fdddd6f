import Apus
import ApusServer
import ArgumentParser
import Foundation

/// `apus serve`
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Answer HTTP requests over indexes: search, documents, vectors, and a page to search on.",
        discussion: """
            http://localhost:8080/ is a page for people. GET /v1/INDEX/search?query=… (Anserini's form), POST /INDEX/_search, _bulk, _doc and _count (OpenSearch's), /embed_sparse \
            and /encode, /metrics, /openapi.yaml; the article Serving has them all. INDEX is the folder's last name. Changes are \
            committed before they are answered, and visible at once.

            It listens on this machine alone unless --host says otherwise; then give --keys, too: whoever reaches it can read and \
            change every document. Log lines are JSON on standard error.
            """)

    @Argument(help: "The index directories, or a folder of them.", completion: .directory)
    var indexes: [String]

    @Option(help: "The address to listen on.")
    var host = ServerOptions().host

    @Option(name: .shortAndLong, help: "The port; 0 takes a free one.")
    var port = ServerOptions().port

    @Option(help: "A file with keys, one on each line; requests must bring one.", completion: .file())
    var keys: String?

    @Flag(help: "Refuse changes.")
    var readOnly = false

    @Option(name: .shortAndLong, help: "Threads that search.")
    var threads = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: "Queries that may wait for a thread; more are answered with 429.")
    var queue = ServerOptions().waitingSearches

    @Option(
        help: "Milliseconds that a query may wait for a thread; those that would wait longer are answered with 429.")
    var maxWait = 100

    @Option(help: "Megabytes of a request's body at most.")
    var maxBody = ServerOptions().largestBody >> 20

    @Option(help: "Documents of an answer at most.")
    var maxHits = ServerOptions().mostHits

    @OptionGroup var indexFlags: IndexFlags

    func validate() throws {
        guard !indexes.isEmpty else { throw ValidationError("Name at least one index.") }
        guard (0...65_535).contains(port) else { throw ValidationError("'--port' must be 0 to 65535, not \(port).") }
        guard threads > 0, queue > 0, maxWait > 0, maxHits > 0, (1...4096).contains(maxBody) else {
            throw ValidationError(
                "'--threads', '--queue', '--max-wait', '--max-hits' and '--max-body' must be at least 1, and the last at most 4096."
            )
        }
    }

    func run() async throws {
        var options = ServerOptions()
        (options.host, options.port, options.isReadOnly) = (host, port, readOnly)
        (options.searchThreads, options.waitingSearches, options.mostHits) = (threads, queue, maxHits)
        (options.largestBody, options.longestWait) = (maxBody << 20, .milliseconds(maxWait))
        options.keys = try keys.map { try IDList.read($0) } ?? []
        let opened = try IndexPlaces.indexes(in: indexes).map { path in
            (name: URL(fileURLWithPath: path).lastPathComponent, index: try indexFlags.open(path))
        }
        // Loaded before the first query waits for it.
        for (_, index) in opened { _ = try index.encoder() }
        let server = try SearchServer(opened, options)
        let host = host
        try await server.run { port in
            Terminal.note("Listening on http://\(host):\(port) with \(opened.map(\.name).joined(separator: ", ")).")
        }
    }
}
