public import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// Indexes behind HTTP.
///
/// ```swift
/// let server = try SearchServer([("tour", SearchIndex("Indexes/tour"))], ServerOptions())
/// try await server.run { port in print("http://127.0.0.1:\(port)") }
/// ```
///
/// Requests are read and answered on NIO's threads; searching, encoding and fetching run on threads of their own with bounded queues
/// (``ServerOptions``), so that a queue that is full is answered with 429 at once.
public struct SearchServer: Sendable {
    private let indexes: ServedIndexes
    private let options: ServerOptions

    /// - Parameter indexes: Names and indexes, at least one; a name is part of paths.
    /// - Throws: ``ServerError`` for a name that no path can hold, or that is there twice.
    public init(_ indexes: [(name: String, index: SearchIndex)], _ options: ServerOptions) throws {
        var names: Set<String> = []
        for (name, _) in indexes {
            guard !name.isEmpty, !name.hasPrefix("_"), !name.contains("/"),
                !["v1", "healthz", "readyz", "metrics", "openapi.yaml", "encode", "embed_sparse"].contains(name)
            else {
                throw ServerError(.badRequest, "'\(name)' cannot be the name of an index in a path. Rename the folder.")
            }
            guard names.insert(name).inserted else {
                throw ServerError(.badRequest, "Two indexes are called '\(name)'. Rename one of the folders.")
            }
        }
        self.indexes = ServedIndexes(
            all: indexes.map {
                ServedIndex(
                    name: $0.name, $0.index, mostSnapshots: options.mostSnapshots, waitingWrites: options.waitingWrites)
            })
        self.options = options
    }

    /// Serves until SIGTERM or SIGINT; requests that were accepted are answered first.
    /// - Parameter isListening: Called once with the port.
    /// - Throws: An error of the system when the port is taken.
    public func run(_ isListening: @escaping @Sendable (Int) -> Void) async throws {
        let options = options
        let metrics = ServerMetrics()
        let overload = WaitEstimate.Overload()
        let pool = WorkerPool(
            threads: options.searchThreads, waiting: options.waitingSearches, longest: options.longestWait, overload)
        let encoding = EncodingQueue(
            batch: options.encodedTogether, waiting: options.waitingSearches, longest: options.longestWait,
            threads: options.searchThreads, overload)
        defer {
            pool.close()
            encoding.close()
        }
        let router = router(QueryAnswering(pool: pool, encoding: encoding, metrics: metrics))
        MethodCheck.add(to: router)
        var logger = Logger(label: "apus") { JSONLogHandler(label: $0) }
        logger.logLevel = .info
        let http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                RequestDeadline(.seconds(Int64(options.idleSeconds))), MalformedRequestAnswer(),
            ],
            idleTimeout: .seconds(Int64(options.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))
        let app = Application(
            router: router,
            server: HTTPServerBuilder { LoopChannel(http: HTTP1Channel(responder: $0, configuration: http)) },
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: "apus",
                availableConnectionsDelegate: MaximumAvailableConnections(options.mostConnections)),
            onServerRunning: { channel in isListening(channel.localAddress?.port ?? options.port) },
            logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [app], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(Int64(options.idleSeconds))
        try await ServiceGroup(configuration: configuration).run()
        for served in indexes.all { await served.writer.close() }
    }

    /// The routes, and what stands around each.
    func router(_ answering: QueryAnswering) -> Router<ServerContext> {
        let (pool, encoding, metrics) = (answering.pool, answering.encoding, answering.metrics)
        let router = Router(context: ServerContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: RequestWatch(metrics: metrics, budget: BodyBudget(4 * options.largestBody)))
        router.add(middleware: GzipResponses())
        router.add(middleware: PageErrors())
        router.add(middleware: OriginCheck(options))
        router.add(middleware: KeyCheck(options.keys))
        SearchRoutes(indexes: indexes, answering: answering, options: options).add(to: router)
        DocumentRoutes(indexes: indexes, pool: pool, options: options).add(to: router)
        EncodingRoutes(indexes: indexes, pool: pool, encoding: encoding, options: options).add(to: router)
        PageRoutes(indexes: indexes, answering: answering, options: options).add(to: router)
        StatusRoutes(indexes: indexes, metrics: metrics, pool: pool, encoding: encoding).add(to: router)
        return router
    }

    /// Methods with their paths, as the description has them.
    func routes(_ answering: QueryAnswering) -> Set<String> {
        Set(router(answering).routes.map { "\($0.method.rawValue) \($0.path)" })
    }
}
