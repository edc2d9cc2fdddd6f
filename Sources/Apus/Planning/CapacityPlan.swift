import Foundation

/// What a collection is and what is asked of it.
public struct CapacityRequest: Sendable, Codable, Equatable {
    /// Documents.
    public var documents: Double
    /// Learned terms of a document; 0 for words alone.
    public var terms = 120.0
    /// Words of a document; 0 for learned terms alone.
    public var words = 50.0
    /// Bytes of a document's text that are stored; 0 for none.
    public var textBytes = 400.0
    /// Tokens of a document that are encoded.
    public var tokens = 128.0
    /// Queries in a second.
    public var queriesPerSecond = 1.0
    /// Learned terms of a query.
    public var queryTerms = 43.0
    /// Words of a query, where words alone are searched.
    public var queryWords = 8.0
    /// Documents that are asked for.
    public var hits = 10
    /// Cores of a machine.
    public var cores = 16
    /// Memory of a machine, bytes.
    public var memory = 64e9
    /// The share of the cores that may be busy.
    public var utilisation = 0.5
    /// What 99 of 100 queries should stay within, in milliseconds, without waiting and stragglers.
    public var latency = 250.0
    /// The share of requests to a shard that are slow for a reason outside of the query, and how many times slower they are.
    public var stragglers = 0.01
    /// As above.
    public var slowdown = 10.0

    /// A request.
    public init(documents: Double) { self.documents = documents }
}

/// Machines, memory, disk, hours and latencies that a collection takes.
///
/// Documents are spread over shards, each of which lies in the memory of a machine, and every query goes to all of them:
///
///     bytes of a document  b = terms × learned posting + words × distinct × word posting + document
///     documents of a shard D ≤ 0.8 × memory / b
///     shards               n = ⌈documents / D⌉
///     seconds of a core    s(D) = median × (D / 10⁶)^growth × (terms / reference)^power × query terms / reference, beyond the
///                                 documents that were measured in proportion to D; the same of words where there are no terms
///     replicas             r = ⌈queries per second × mean of s / (cores × utilisation)⌉
///     slowest shard        s at the quantile 0.99^(1/n) ≤ latency
///     machines             n × r, the fewest over n
///
/// A shard's seconds are log-normal, from the measured median and 99th percentile. Latencies are simulated, see ``ShardSimulation``.
public struct CapacityPlan: Sendable, Codable, Equatable {
    /// What was asked.
    public var request: CapacityRequest
    /// What it is computed from.
    public var constants: PlanConstants
    /// Parts of the collection, each on a machine of its own.
    public var shards: Int
    /// Documents of a shard.
    public var documentsPerShard: Double
    /// Copies of each shard.
    public var replicas: Int
    /// Shards × replicas.
    public var machines: Int
    /// Bytes of a shard that are searched, and should stay in memory.
    public var searchedBytesPerShard: Double
    /// Bytes of a shard on disk, texts included, with room for a merge.
    public var diskBytesPerShard: Double
    /// Bytes of the whole index without room for merges, of one copy.
    public var indexBytes: Double
    /// Hours of one core that encode all documents.
    public var encodeCoreHours: Double
    /// The same on all cores of all machines.
    public var encodeHours: Double
    /// Hours of one core that index what is encoded.
    public var indexCoreHours: Double
    /// Milliseconds of one shard for one query, median and 99th percentile.
    public var shardP50: Double
    /// As above.
    public var shardP99: Double
    /// The share of each machine's cores that is busy.
    public var busy: Double
    /// What a query waits for, milliseconds.
    public var latency: ShardSimulation.Latency
    /// Bytes to and from all shards for a query.
    public var networkBytesPerQuery: Double
    /// Megabits in a second to and from all shards.
    public var networkMegabits: Double

    /// Bytes of an id, a score and what frames them; and of a term with its weight.
    private static let (hitBytes, termBytes, headBytes) = (40.0, 16.0, 400.0)
    /// The share of a machine's memory that the index may fill.
    public static let memoryShare = 0.8

    /// Plans.
    /// - Parameters:
    ///   - queries: Queries that are simulated.
    ///   - seed: Of the simulation.
    public init(
        _ request: CapacityRequest, _ constants: PlanConstants = .measured, queries: Int = 20_000, seed: UInt64 = 42
    ) {
        self.request = request
        self.constants = constants
        let searched = Self.searchedBytes(request, constants)
        let stored = request.textBytes * constants.storedBytesPerTextByte
        let most = max(1, min(request.documents, Self.memoryShare * request.memory / searched))
        let chosen = Self.choose(fewest: max(1, Int((request.documents / most).rounded(.up))), request, constants)
        (machines, shards, replicas) = chosen
        documentsPerShard = request.documents / Double(chosen.shards)
        let service = Self.service(documents: documentsPerShard, request, constants)
        searchedBytesPerShard = documentsPerShard * searched
        diskBytesPerShard = documentsPerShard * (searched + stored) * 2
        indexBytes = request.documents * (searched + stored)
        let encodes = request.terms > 0
        encodeCoreHours = encodes ? request.documents * request.tokens / constants.tokensPerCoreSecond / 3600 : 0
        encodeHours = encodeCoreHours / Double(chosen.machines * request.cores)
        indexCoreHours = request.documents * constants.indexSecondsPerDocument / 3600
        shardP50 = service.median * 1000
        shardP99 = service.quantile(0.99) * 1000
        let rate = request.queriesPerSecond / Double(chosen.replicas)
        busy = rate * service.mean / Double(request.cores)
        latency = ShardSimulation(
            service: service, shards: chosen.shards, cores: request.cores, queriesPerSecond: rate,
            stragglers: request.stragglers, slowdown: request.slowdown
        ).latency(queries: queries, seed: seed)
        let perShard =
            Self.headBytes + request.queryTerms * Self.termBytes + Double(request.hits) * Self.hitBytes
        networkBytesPerQuery = perShard * Double(chosen.shards)
        networkMegabits = networkBytesPerQuery * 8 * request.queriesPerSecond / 1e6
    }

    /// Shards and replicas that take the fewest machines and keep to the latency; of equally many the smaller shards.
    private static func choose(
        fewest: Int, _ request: CapacityRequest, _ constants: PlanConstants
    ) -> (machines: Int, shards: Int, replicas: Int) {
        var best: (machines: Int, shards: Int, replicas: Int)?
        var shards = fewest
        while Double(shards) <= max(request.documents, Double(fewest)), shards < 1 << 24 {
            let service = service(documents: request.documents / Double(shards), request, constants)
            let slowest = service.quantile(pow(0.99, 1 / Double(shards))) * 1000
            if slowest <= request.latency {
                let needed = request.queriesPerSecond * service.mean / (Double(request.cores) * request.utilisation)
                let replicas = max(1, Int(needed.rounded(.up)))
                // With ever more shards ever more machines answer each query.
                if let best, shards > best.machines { break }
                if best.map({ shards * replicas <= $0.machines }) ?? true {
                    best = (shards * replicas, shards, replicas)
                }
            }
            shards += max(1, shards / 16)
        }
        if let best { return best }
        // No number of shards keeps to it: the slowest query is then what it is.
        var patient = request
        patient.latency = .infinity
        return choose(fewest: fewest, patient, constants)
    }

    /// Bytes of a document that searches read.
    static func searchedBytes(_ request: CapacityRequest, _ constants: PlanConstants) -> Double {
        request.terms * constants.bytesPerLearnedPosting
            + request.words * constants.distinctWords * constants.bytesPerWordPosting + constants.bytesPerDocument
    }

    /// How long a core takes for one query in a shard.
    static func service(
        documents: Double, _ request: CapacityRequest, _ constants: PlanConstants
    ) -> LogNormal {
        guard request.terms > 0 else {
            let query = max(request.queryWords, 1) / constants.referenceQueryWords
            let measured = min(documents, constants.measuredWordDocuments)
            let million = constants.wordMedianSeconds * pow(measured / 1e6, constants.wordGrowth)
            return LogNormal(median: million * documents / measured * query, tail: constants.wordTail)
        }
        let terms = pow(request.terms / constants.referenceTerms, constants.termsPower)
        let query = max(request.queryTerms, 1) / constants.referenceQueryTerms
        let median = constants.startSeconds + constants.secondsPerMillion * documents / 1e6
        return LogNormal(median: median * terms * query, tail: constants.tail)
    }
}
