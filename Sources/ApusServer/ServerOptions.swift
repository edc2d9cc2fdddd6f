/// How a server listens, and how much it takes at once.
///
///     var options = ServerOptions()
///     options.port = 8080
///     options.keys = ["secret"]
public struct ServerOptions: Sendable {
    /// The address to listen on; nobody else's machine reaches the default one.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8080
    /// Keys of which a request must bring one (`Authorization: Bearer KEY`, `Authorization: ApiKey KEY` or `X-API-Key: KEY`); none are
    /// asked for when it is empty.
    public var keys: [String] = []
    /// Whether writing is refused.
    public var isReadOnly = false
    /// Threads that search.
    public var searchThreads = 2
    /// Queries that may wait for a thread; more are answered with 429.
    public var waitingSearches = 256
    /// The wait for a thread from which on queries are answered with 429, as far as it can be told.
    public var longestWait = Duration.milliseconds(100)
    /// Changes that may wait for a commit, in each index; more are answered with 429.
    public var waitingWrites = 256
    /// Queries that are encoded together at most.
    public var encodedTogether = 32
    /// Bytes of a request's body at most.
    public var largestBody = 64 << 20
    /// Bytes of a query at most.
    public var longestQuery = 64 << 10
    /// Documents of an answer at most.
    public var mostHits = 10_000
    /// Connections at most; others wait in the system's queue.
    public var mostConnections = 1024
    /// Seconds without a byte after which a connection is closed, and within which a request must have come whole.
    public var idleSeconds = 30
    /// Snapshots held for paging at most.
    public var mostSnapshots = 64

    /// The defaults.
    public init() {}
}
