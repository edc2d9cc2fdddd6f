import Apus
import HTTPTypes

/// What a client asks of an index, read from OpenSearch's query language.
///
/// `match` and `multi_match` are BM25, `neural_sparse` (with `query_text` or `query_tokens`) the learned field, `hybrid` of the two both lists fused; `bool` adds
/// filters to one of them, and `match_all` with filters alone is refused, as nothing would be ranked.
struct SearchBody: Sendable {
    /// The query text; empty where only tokens were given.
    var text = ""
    /// Learned query terms given by the client.
    var vector: [QueryTerm]?
    /// How to answer.
    var options = SearchOptions()
    /// Hits before the first that is wanted.
    var from = 0
    /// The last hit of the page before.
    var after: (score: Double, id: String)?
    /// A snapshot's token.
    var snapshot: String?
    /// Whether documents are told with their texts.
    var wantsSource = true

    /// What changes no hit.
    private static let passedOver: Set = [
        "allow_partial_search_results", "docvalue_fields", "explain", "ext", "fields", "highlight", "preference",
        "profile",
        "search_pipeline", "seq_no_primary_term", "stats", "stored_fields", "terminate_after", "timeout",
        "track_scores",
        "track_total_hits", "version",
    ]

    /// - Throws: ``ServerError`` with what was found.
    init(_ body: JSONTree, _ limits: ServerOptions) throws(ServerError) {
        for (name, value) in body.members ?? [] {
            switch name {
            case "query": try read(value)
            case "size": options.hits = try (0...limits.mostHits).whole(value.integer, name, found: value.label)
            // Deeper pages: search_after.
            case "from": from = try (0...limits.mostHits).whole(value.integer, name, found: value.label)
            case "_source":
                // Which members are wanted changes no hit: all come.
                guard value.bool != nil || value.string != nil || value.elements != nil || value.members != nil else {
                    throw ServerError(.badRequest, "'_source' must be true or false, not \(value.label).")
                }
                wantsSource = value.bool ?? true
            case "search_after":
                guard let parts = value.elements, parts.count == 2, let score = parts[0].number,
                    let id = parts[1].string
                else {
                    throw ServerError(
                        .badRequest, "'search_after' needs the 'sort' of the last hit, [score, id], not \(value.label)."
                    )
                }
                after = (score, id)
            case "pit":
                guard let id = value["id"]?.string else {
                    throw ServerError(.badRequest, "'pit' needs {\"id\": TOKEN}.")
                }
                snapshot = id
            case "min_score", "sort", "aggs", "aggregations", "knn", "rescore", "collapse", "suggest":
                throw ServerError(.badRequest, "'\(name)' is not supported.")
            case _ where Self.passedOver.contains(name): continue
            default: throw ServerError(.badRequest, "'\(name)' is no member of a search.")
            }
        }
        guard options.mode != nil else {
            throw ServerError(
                .badRequest,
                "A search needs a 'query': match, neural_sparse, hybrid, or bool with one of them under 'must'.")
        }
        guard text.utf8.count <= limits.longestQuery else {
            throw ServerError(
                .badRequest, "The query has \(text.utf8.count) bytes; at most \(limits.longestQuery) are read.")
        }
    }

    private mutating func read(_ query: JSONTree) throws(ServerError) {
        guard let members = query.members, members.count == 1, let (kind, value) = members.first else {
            throw ServerError(
                .badRequest,
                "A query is an object with one member, like {\"match\": {\"text\": WORDS}}, not \(query.label).")
        }
        switch kind {
        case "match":
            guard let (_, inner) = try Self.field(value, kind),
                let words = try Self.words(inner, kind)
            else {
                throw ServerError(.badRequest, "'match' needs {\"text\": WORDS}, not \(value.label).")
            }
            guard ["or", "OR", nil].contains(inner["operator"]?.string) else {
                throw ServerError(
                    .badRequest, "'match' finds documents with any of the words; 'operator' can be 'or' only.")
            }
            set(.bm25, words)
        case "multi_match", "simple_query_string":
            guard let words = try Self.checked(value, ["query", "fields", "type", "boost"], kind)?["query"]?.string
            else {
                throw ServerError(.badRequest, "'\(kind)' needs {\"query\": WORDS}.")
            }
            set(.bm25, words)
        case "neural_sparse": try readLearned(value)
        case "hybrid":
            guard let queries = try Self.checked(value, ["queries", "pagination_depth"], kind)?["queries"]?.elements,
                !queries.isEmpty
            else {
                throw ServerError(.badRequest, "'hybrid' needs {\"queries\": [QUERY, …]}.")
            }
            for query in queries { try read(query) }
            options.mode = .hybrid
        case "bool": try readBool(value)
        default:
            throw ServerError(
                .badRequest, "'\(kind)' is no query here; there is match, multi_match, neural_sparse, hybrid and bool.")
        }
    }

    /// The words of a field's match: a text, or an object with one.
    private static func words(_ inner: JSONTree, _ kind: String) throws(ServerError) -> String? {
        if let text = inner.string { return text }
        return try checked(inner, ["query", "operator", "boost"], kind)?["query"]?.string
    }

    /// The one member of an object; nil where it is none.
    /// - Throws: ``ServerError`` where there are several, of which the others would be passed over.
    private static func field(
        _ body: JSONTree, _ kind: String
    ) throws(ServerError) -> (key: String, value: JSONTree)? {
        guard let members = body.members, let first = members.first else { return nil }
        guard members.count == 1 else {
            throw ServerError(.badRequest, "'\(kind)' takes one field, not \(members.count).")
        }
        return first
    }

    /// An object; nil where it is none.
    /// - Throws: ``ServerError`` for a member that is not one of these names.
    private static func checked(
        _ body: JSONTree, _ names: Set<String>, _ kind: String
    ) throws(ServerError) -> JSONTree? {
        guard let members = body.members else { return nil }
        for (name, _) in members where !names.contains(name) {
            throw ServerError(.badRequest, "'\(kind)' takes \(names.sorted().joined(separator: ", ")), not '\(name)'.")
        }
        return body
    }

    private mutating func set(_ mode: SearchMode, _ words: String) {
        text = words
        options.mode = options.mode.map { $0 == mode ? mode : .hybrid } ?? mode
    }

    private mutating func readLearned(_ body: JSONTree) throws(ServerError) {
        let names: Set = ["query_text", "query_tokens", "model_id", "analyzer", "max_token_score", "boost"]
        guard let (_, field) = try Self.field(body, "neural_sparse"),
            let inner = try Self.checked(field, names, "neural_sparse")
        else {
            throw ServerError(.badRequest, "'neural_sparse' needs {FIELD: {\"query_text\": TEXT}}, not \(body.label).")
        }
        if let tokens = inner["query_tokens"]?.members {
            var terms: [QueryTerm] = []
            for (token, weight) in tokens {
                guard let weight = weight.number, Float(weight).isFinite, Float(weight) > 0 else {
                    throw ServerError(
                        .badRequest, "The weight of the token '\(token)' must be a number above 0, not \(weight.label)."
                    )
                }
                terms.append(QueryTerm(term: token, weight: Float(weight)))
            }
            vector = terms
            set(.splade, text)
        } else if let words = inner["query_text"]?.string {
            set(.splade, words)
        } else {
            throw ServerError(.badRequest, "'neural_sparse' needs 'query_text' or 'query_tokens'.")
        }
    }

    private mutating func readBool(_ body: JSONTree) throws(ServerError) {
        var parts: [Filter] = options.filter.map { [$0] } ?? []
        for (name, value) in body.members ?? [] {
            switch name {
            case "must", "should":
                for query in value.elements ?? [value] { try read(query) }
            case "filter": parts += try FilterBody.filters(value)
            case "must_not": parts += try FilterBody.filters(value).map { .not($0) }
            case "boost", "minimum_should_match": continue
            default: throw ServerError(.badRequest, "'bool' takes must, should, filter and must_not, not '\(name)'.")
            }
        }
        if !parts.isEmpty { options.filter = parts.count == 1 ? parts[0] : .all(parts) }
    }
}
