import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Texts as learned vectors: text-embeddings-inference's `/embed_sparse`, and `/encode` with terms.
struct EncodingRoutes {
    let indexes: ServedIndexes
    let pool: WorkerPool
    let encoding: EncodingQueue
    let options: ServerOptions

    /// Bytes of a body at most: text-embeddings-inference takes half of it.
    private static let largestBody = 4 << 20

    func add(to router: Router<ServerContext>) {
        router.post("/embed_sparse") { try await embed($0, $1) }
        router.post("/encode") { try await encode($0, $1) }
    }

    private func encoder() throws -> SparseEncoder {
        for served in indexes.all {
            if let encoder = try served.newest().encoder() { return encoder }
        }
        throw ServerError(.notFound, "No index of this server has an encoder at hand.")
    }

    private func texts(_ value: JSONTree?, _ name: String) throws -> (texts: [String], isList: Bool) {
        guard let value else { throw ServerError(.badRequest, "'\(name)' is missing: a text, or a list of texts.") }
        if let text = value.string { return ([text], false) }
        let texts = value.elements?.compactMap(\.string) ?? []
        guard !texts.isEmpty, texts.count == value.elements?.count, texts.count <= 1024 else {
            throw ServerError(
                .badRequest, "'\(name)' must be a text or a list of at most 1024 texts, not \(value.label).")
        }
        return (texts, true)
    }

    private func vectors(_ texts: [String], _ encoder: SparseEncoder, _ side: QuerySide?) async throws -> [SparseVector]
    {
        if let side, texts.count == 1 { return [try await encoding.encode(texts[0], encoder, side: side)] }
        // In pieces, so that a long list leaves the threads to others between them.
        var (vectors, rest) = ([SparseVector](), texts[...])
        while !rest.isEmpty {
            let piece = Array(rest.prefix(options.encodedTogether))
            rest = rest.dropFirst(piece.count)
            vectors += try await pool.run(isBegun: !vectors.isEmpty) {
                if let side { return try encoder.encodeQueries(piece, side: side, threads: 1) }
                return try encoder.encodeDocuments(piece, threads: 1)
            }.value
        }
        return vectors
    }

    private func embed(_ request: Request, _ context: ServerContext) async throws -> Response {
        let tree = try await request.tree(min(options.largestBody, Self.largestBody), context)
        let (texts, _) = try texts(tree["inputs"], "inputs")
        let vectors = try await vectors(texts, encoder(), nil)
        let lists = vectors.map { vector in
            "["
                + zip(vector.terms, vector.weights).map {
                    "{\"index\":\($0),\"value\":\(JSONQuoting.number(Double($1)))}"
                }
                .joined(separator: ",") + "]"
        }
        return .json("[" + lists.joined(separator: ",") + "]")
    }

    private func encode(_ request: Request, _ context: ServerContext) async throws -> Response {
        let tree = try await request.tree(min(options.largestBody, Self.largestBody), context)
        let (texts, isList) = try texts(tree["text"] ?? tree["texts"], "text")
        let encoder = try encoder()
        var side: QuerySide?
        let isQuery = tree["query"]
        guard isQuery == nil || isQuery?.bool != nil else {
            throw ServerError(.badRequest, "'query' must be true or false, not \(isQuery?.label ?? "").")
        }
        if isQuery?.bool == true || tree["query_side"] != nil {
            let given = tree["query_side"]
            side = given.map { $0.string.flatMap { QuerySide(rawValue: $0) } } ?? encoder.description.defaultQuerySide
            guard side != nil else {
                throw ServerError(
                    .badRequest,
                    "'query_side' must be siamese, inference-free or blended, not \(given?.label ?? "").")
            }
        }
        let top = try tree["top"].map { try (1...1_000_000).whole($0.integer, "top", found: $0.label) }
        let lines = try await vectors(texts, encoder, side).enumerated().map { number, vector in
            try VectorLine.text("\(number)", vector, encoder.vocabulary, top: top)
        }
        return .json(isList ? "[" + lines.joined(separator: ",") + "]" : lines.first ?? "{}")
    }
}
