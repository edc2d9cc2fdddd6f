import Apus
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Documents: getting, counting, adding, replacing and deleting them.
///
/// A change is answered when it is committed: it survives a crash, and every later search sees it.
struct DocumentRoutes {
    let indexes: ServedIndexes
    let pool: WorkerPool
    let options: ServerOptions

    func add(to router: Router<ServerContext>) {
        router.get("/v1/{index}/doc/{docid}") { try await document($0, $1) }
        router.get("/{index}/_doc/{docid}") { try await found($0, $1) }
        router.get("/{index}/_count") { try await count($0, $1) }
        router.post("/{index}/_count") { try await count($0, $1) }
        router.put("/{index}/_doc/{docid}") { try await put($0, $1) }
        router.post("/{index}/_doc/{docid}") { try await put($0, $1) }
        router.post("/{index}/_doc") { try await put($0, $1) }
        router.put("/{index}/_create/{docid}") { try await put($0, $1, isNew: true) }
        router.post("/{index}/_create/{docid}") { try await put($0, $1, isNew: true) }
        router.delete("/{index}/_doc/{docid}") { try await delete($0, $1) }
        router.post("/{index}/_bulk") { try await bulk($0, $1) }
        router.post("/_bulk") { try await bulk($0, $1) }
        router.post("/{index}/_refresh") { try await refresh($0, $1) }
    }

    // MARK: Reading

    private func stored(_ id: String, _ served: ServedIndex) async throws -> CorpusDocument? {
        let index = try served.newest()
        return try await pool.run { try index.documents.documents([id])[ByteString(id)] }.value
    }

    private func document(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (served, id) = (try indexes.named(context.part("index")), try context.part("docid"))
        let index = try served.newest()
        let number = try request.parameters().whole("passage", 1...1_000_000, or: 0)
        let json = try await pool.run { () throws -> String? in
            guard let document = try index.documents.documents([id])[ByteString(id)] else { return nil }
            let passages = try index.passages(of: document)
            guard number <= passages.count else {
                throw ServerError(
                    .notFound, "The document '\(id)' has \(passages.count) passages, and no passage \(number).")
            }
            var json = "{\"api\":\"v1\",\"docid\":\(JSONText.quoted(id)),\"passages\":\(passages.count),"
            if number > 0 {
                return json + "\"passage\":\(try AnswerJSON.text(passages[number - 1], pretty: false))}"
            }
            json += "\"doc\":"
            JSONQuoting.append(document, to: &json)
            return json + "}"
        }.value
        guard let json else { throw ServerError(.notFound, "There is no document '\(id)'.") }
        return .json(json)
    }

    private func found(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (served, id) = (try indexes.named(context.part("index")), try context.part("docid"))
        let head = "{\"_index\":\(JSONText.quoted(served.name)),\"_id\":\(JSONText.quoted(id)),"
        guard let document = try await stored(id, served) else {
            return .json(head + "\"found\":false}", status: .notFound)
        }
        return .json(head + "\"found\":true,\"_source\":\(JSONQuoting.source(document))}")
    }

    private func count(_ request: Request, _ context: ServerContext) async throws -> Response {
        let index = try indexes.named(context.part("index")).newest()
        let tree = try await request.tree(1 << 20, context)
        let filter = try tree["query"].map { try FilterBody.filter($0) }
        let count = try await pool.run {
            try filter.map { try index.count(matching: $0) } ?? index.snapshot.documentCount
        }
        return .json("{\"count\":\(count.value),\"_shards\":{\"total\":1,\"successful\":1,\"skipped\":0,\"failed\":0}}")
    }

    private func refresh(_ request: Request, _ context: ServerContext) async throws -> Response {
        _ = try indexes.named(context.part("index")).newest(now: true)
        return .json("{\"_shards\":{\"total\":1,\"successful\":1,\"failed\":0}}")
    }

    // MARK: Writing

    /// Reads a body: a long one on a thread of its own, as others' requests wait for the one that reads connections.
    private func read<Value: Sendable>(
        _ bytes: [UInt8], _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        bytes.count < 1 << 16 ? try body() : try await pool.run(isBegun: true, body).value
    }

    private func writable(_ name: String) throws -> ServedIndex {
        guard !options.isReadOnly else {
            throw ServerError(.forbidden, "This server only reads; start it without --read-only to change documents.")
        }
        return try indexes.named(name)
    }

    private func apply(_ changes: [IndexChange], to served: ServedIndex) async throws -> [ChangeOutcome] {
        let outcomes = try await served.writer.apply(changes)
        _ = try served.newest(now: true)
        return outcomes
    }

    private func put(_ request: Request, _ context: ServerContext, isNew: Bool = false) async throws -> Response {
        let served = try writable(context.part("index"))
        let id = context.parameters.get("docid") == nil ? UUID().uuidString.lowercased() : try context.part("docid")
        let bytes = try await request.bytes(options.largestBody, context)
        let document = try await read(bytes) { try CorpusDocument(json: bytes, id: id, name: "the body") }
        let kind = try request.parameters()["op_type"] ?? "index"
        guard ["index", "create"].contains(kind) else {
            throw ServerError(.badRequest, "'op_type' must be index or create, not '\(kind)'.")
        }
        let isCreated = isNew || kind == "create"
        let outcome = try await apply([isCreated ? .create(document) : .put(document)], to: served).first
        return .json(Self.told(outcome, id, served), status: Self.status(outcome))
    }

    private func delete(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try writable(context.part("index"))
        let id = try context.part("docid")
        let outcome = try await apply([.delete(id)], to: served).first
        return .json(Self.told(outcome, id, served), status: Self.status(outcome))
    }

    private static func status(_ outcome: ChangeOutcome?) -> HTTPResponse.Status {
        switch outcome {
        case .created: .created
        case .updated, .deleted: .ok
        case .notFound: .notFound
        case .conflict: .conflict
        case .failed, nil: .badRequest
        }
    }

    private static func told(_ outcome: ChangeOutcome?, _ id: String, _ served: ServedIndex) -> String {
        let head = "\"_index\":\(JSONText.quoted(served.name)),\"_id\":\(JSONText.quoted(id))"
        switch outcome {
        case .created: return "{\(head),\"result\":\"created\"}"
        case .updated: return "{\(head),\"result\":\"updated\"}"
        case .deleted: return "{\(head),\"result\":\"deleted\"}"
        case .notFound: return "{\(head),\"result\":\"not_found\"}"
        case .conflict: return "{\(head),\"error\":\(JSONText.quoted("The document '\(id)' is there already."))}"
        case .failed(let message): return "{\(head),\"error\":\(JSONText.quoted(message))}"
        case nil: return "{\(head),\"error\":\"Nothing was done.\"}"
        }
    }

    private func bulk(_ request: Request, _ context: ServerContext) async throws -> Response {
        let start = ContinuousClock.now
        let usual = context.parameters.get("index")
        let bytes = try await request.bytes(options.largestBody, context)
        let body = try await read(bytes) { try BulkBody(bytes, index: usual) }
        guard !body.items.isEmpty else { throw ServerError(.badRequest, "The body has no action.") }
        var items = [String](repeating: "", count: body.items.count)
        var hasErrors = false
        for served in indexes.all {
            let places = body.items.indices.filter { body.items[$0].index == served.name }
            guard !places.isEmpty else { continue }
            _ = try writable(served.name)
            let changes = places.compactMap { body.items[$0].change }
            var outcomes = try await apply(changes, to: served)[...]
            for place in places {
                let item = body.items[place]
                let outcome = item.change == nil ? .failed(item.error ?? "") : outcomes.popFirst() ?? .failed("")
                let status = Self.status(outcome)
                hasErrors = hasErrors || status.code >= 400 && outcome != .notFound
                let told = Self.told(outcome, item.id, served).dropLast() + ",\"status\":\(status.code)}"
                items[place] = "{\"\(item.action)\":\(told)}"
            }
        }
        for place in items.indices where items[place].isEmpty {
            let item = body.items[place]
            hasErrors = true
            items[place] =
                "{\"\(item.action)\":{\"_id\":\(JSONText.quoted(item.id)),\"status\":404,"
                + "\"error\":\(JSONText.quoted(ServerError.noIndex(item.index, indexes.all.map(\.name)).message))}}"
        }
        let milliseconds = Int((ContinuousClock.now - start).seconds * 1000)
        return .json("{\"took\":\(milliseconds),\"errors\":\(hasErrors),\"items\":[\(items.joined(separator: ","))]}")
    }
}
