import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Searching: Anserini's paths, and OpenSearch's.
struct SearchRoutes {
    let indexes: ServedIndexes
    let answering: QueryAnswering
    let options: ServerOptions

    /// Documents that are encoded again for one request.
    private static let mostSnippets = 100

    func add(to router: Router<ServerContext>) {
        router.get("/v1/{index}/search") { try await anserini($0, $1) }
        router.get("/v1/{index}/explain") { try await explain($0, $1) }
        router.get("/{index}/_search") { try await openSearch($0, $1) }
        router.post("/{index}/_search") { try await openSearch($0, $1) }
        router.post("/_search") { try await openSearch($0, $1) }
        router.post("/{index}/_search/point_in_time") { try await hold($0, $1) }
        router.delete("/_search/point_in_time") { try await release($0, $1) }
    }

    // MARK: Anserini

    private func anserini(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try indexes.named(context.part("index"))
        let parameters = try request.parameters()
        let text = try query(parameters)
        var search = try searchOptions(parameters)
        search.hits = try parameters.whole("hits", 1...options.mostHits, or: 10)
        let index = try served.newest()
        let encoded = try await answering.encoded(text, search, index)
        let wantsSnippets = try parameters.truth("snippets")
        guard !wantsSnippets || search.hits <= Self.mostSnippets else {
            throw ServerError(
                .badRequest,
                "'snippets' encodes each document again, so 'hits' is at most \(Self.mostSnippets) with it.")
        }
        let (answering, options) = (answering, search)
        return .json(
            try await answering.run(isBegun: encoded.isBegun) {
                let answer = try answering.search(text, encoded: encoded.vector, options, in: index)
                let texts = try answering.fetch(answer.documents.map(\.id), in: index)
                let snippets = wantsSnippets ? try index.snippets(text, answer, texts, options) : []
                return try SearchAnswerJSON.anserini(text, answer, texts, snippets, served.name)
            })
    }

    private func query(_ parameters: QueryParameters) throws -> String {
        guard let text = parameters["query"] ?? parameters["q"] else {
            throw ServerError(.badRequest, "The parameter 'query' is missing.")
        }
        guard text.utf8.count <= options.longestQuery else {
            throw ServerError(
                .badRequest, "The query has \(text.utf8.count) bytes; at most \(options.longestQuery) are read.")
        }
        return text
    }

    /// `mode`, `filter`, `weight`, `k1`, `b` and `query_side`.
    private func searchOptions(_ parameters: QueryParameters) throws -> SearchOptions {
        var search = SearchOptions()
        if let name = parameters["mode"] {
            guard let mode = SearchMode(rawValue: name) else {
                throw ServerError(.badRequest, "'mode' must be \(SearchMode.list(last: " or ")), not '\(name)'.")
            }
            search.mode = mode
        }
        search.filter = try parameters["filter"].map { try Filter(parsing: $0) }
        search.side = try parameters.querySide()
        if let weight = try parameters.number("weight", 0...1) {
            search.fusedWeight = weight
            search.fusion = .minMax(weight: weight)
        }
        let (k1, b) = (try parameters.number("k1", 0...1000), try parameters.number("b", 0...1))
        if k1 != nil || b != nil {
            let usual = BM25Parameters()
            search.bm25 = BM25Parameters(k1: k1.map { Float($0) } ?? usual.k1, b: b.map { Float($0) } ?? usual.b)
        }
        return search
    }

    private func explain(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try indexes.named(context.part("index"))
        let parameters = try request.parameters()
        let text = try query(parameters)
        guard let id = parameters["docid"] else {
            throw ServerError(.badRequest, "The parameter 'docid' is missing.")
        }
        let (options, index) = (try searchOptions(parameters), try served.newest())
        let encoded = try await answering.encoded(text, options, index)
        let found = try await answering.run(isBegun: encoded.isBegun) {
            try index.explain(text, vector: nil, encoded: encoded.vector, document: id, options)
        }
        let fields = try AnswerJSON.text(found.fields, pretty: false)
        let notes = found.notes.map(JSONText.quoted).joined(separator: ",")
        let passage = try found.passage.map { ",\"passage\":" + (try AnswerJSON.text($0, pretty: false)) } ?? ""
        return .json(
            "{\"api\":\"v1\",\"index\":\(JSONText.quoted(served.name)),\"query\":{\"text\":\(JSONText.quoted(text))},"
                + "\"docid\":\(JSONText.quoted(id)),\"score\":\(JSONQuoting.number(found.score)),"
                + "\"notes\":[\(notes)],\"fields\":\(fields)\(passage)}")
    }

    // MARK: OpenSearch

    private func openSearch(_ request: Request, _ context: ServerContext) async throws -> Response {
        let start = ContinuousClock.now
        var tree = try await request.tree(1 << 20, context)
        let parameters = try request.parameters()
        if let words = parameters["q"], tree["query"] == nil {
            tree.set("query", .object([("match", .object([("text", .string(words))]))]))
        }
        if let size = parameters["size"] { tree.set("size", .number(Double(size) ?? .nan)) }
        if let from = parameters["from"] { tree.set("from", .number(Double(from) ?? .nan)) }
        let body = try SearchBody(tree, options)
        let served: ServedIndex
        let index: SearchIndex
        if let token = body.snapshot {
            (served, index) = try indexes.held(token)
        } else {
            guard context.parameters.get("index") != nil else {
                throw ServerError(.badRequest, "Name an index in the path, or a snapshot: {\"pit\": {\"id\": TOKEN}}.")
            }
            served = try indexes.named(context.part("index"))
            index = try served.newest()
        }
        var search = body.options
        search.side = try parameters.querySide()
        search.hits = max(1, body.from + body.options.hits)
        // Once, however deep the page lies.
        let encoded = body.vector == nil ? try await answering.encoded(body.text, search, index) : .init()
        let (answering, first) = (answering, search)
        return .json(
            try await answering.run(isBegun: encoded.isBegun) {
                let page = try Self.page(body, encoded.vector, first, index, answering)
                let texts = body.wantsSource ? try answering.fetch(page.map(\.id), in: index) : [:]
                return try SearchAnswerJSON.openSearch(
                    page, texts, served.name, took: Int((ContinuousClock.now - start).seconds * 1000),
                    isAll: page.count < body.options.hits, token: body.snapshot)
            })
    }

    /// The hits that were asked for, also those behind the first that are searched.
    private static func page(
        _ body: SearchBody, _ encoded: SparseVector?, _ options: SearchOptions, _ index: SearchIndex,
        _ answering: QueryAnswering
    ) throws -> ArraySlice<RankedDocument> {
        let wanted = body.options.hits
        var search = options
        while true {
            let answer = try answering.search(body.text, vector: body.vector, encoded: encoded, search, in: index)
            guard let after = body.after else { return answer.documents.dropFirst(body.from).prefix(wanted) }
            let page = answer.documents.drop { !follows($0, after) }.prefix(wanted)
            // The page may begin deeper than was searched; deeper answers begin with the same hits.
            guard page.count < wanted, answer.documents.count == search.hits,
                search.hits < index.snapshot.documentCount
            else { return page }
            search.hits = min(index.snapshot.documentCount, search.hits * 4)
        }
    }

    /// Whether a hit comes after another: a smaller score, or the same and an id that is smaller by its bytes.
    private static func follows(_ document: RankedDocument, _ after: (score: Double, id: String)) -> Bool {
        document.score < after.score
            || document.score == after.score && ByteString(document.id) < ByteString(after.id)
    }

    private func hold(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try indexes.named(context.part("index"))
        let text = try request.parameters()["keep_alive"] ?? "1m"
        guard let keep = Self.duration(text), keep <= .seconds(24 * 3600) else {
            throw ServerError(
                .badRequest, "'keep_alive' must be a time like 30s, 5m or 1h, at most 24h, not '\(text)'.")
        }
        return .json("{\"pit_id\":\"\(try served.hold(for: keep))\"}")
    }

    private func release(_ request: Request, _ context: ServerContext) async throws -> Response {
        let tree = try await request.tree(1 << 20, context)
        let named = tree["pit_id"]?.elements ?? tree["pit_id"].map { [$0] } ?? []
        let tokens = named.compactMap(\.string)
        guard tree["pit_id"] != nil, tokens.count == named.count, tokens.count <= 10_000 else {
            throw ServerError(.badRequest, "'pit_id' must be a token or a list of 10,000 tokens at most.")
        }
        let gone = tokens.filter { token in indexes.all.contains { $0.release(token) } }
        let pits = gone.map { "{\"pit_id\":\(JSONText.quoted($0)),\"successful\":true}" }
        return .json("{\"pits\":[\(pits.joined(separator: ","))]}")
    }

    private static func duration(_ text: String) -> Duration? {
        guard let unit = text.last, let count = Int(text.dropLast()), (1...86_400).contains(count) else { return nil }
        switch unit {
        case "s": return .seconds(count)
        case "m": return .seconds(count * 60)
        case "h": return .seconds(count * 3600)
        default: return nil
        }
    }
}
