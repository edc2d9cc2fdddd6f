import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What those who run a server ask of it.
struct StatusRoutes {
    let indexes: ServedIndexes
    let metrics: ServerMetrics
    let pool: WorkerPool
    let encoding: EncodingQueue

    func add(to router: Router<ServerContext>) {
        router.get("/healthz") { _, _ in Response.json("{\"status\":\"ok\"}") }
        router.get("/readyz") { _, _ in
            for served in indexes.all { _ = try served.newest() }
            return Response.json("{\"status\":\"ready\"}")
        }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: metrics.text(gauges: gauges))))
        }
        router.get("/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
        }
        router.get("/v1") { _, _ in
            let names = indexes.all.map { JSONText.quoted($0.name) }
            return Response.json(
                "{\"api\":\"v1\",\"version\":\"\(ApusVersion.number)\",\"indexes\":[\(names.joined(separator: ","))]}")
        }
    }

    private var gauges: [(name: String, help: String, value: Int)] {
        let served = encoding.served
        return [
            ("apus_searches_waiting", "Queries that wait for a thread.", pool.waiting),
            ("apus_encoded_batches", "Batches of queries that were encoded together.", served.batches),
            ("apus_encoded_queries", "Queries that were encoded.", served.texts),
            ("apus_snapshots_held", "Snapshots held for paging.", indexes.all.reduce(0) { $0 + $1.heldCount }),
        ]
    }
}
