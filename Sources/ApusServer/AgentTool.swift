import Apus

/// What an agent can do with the indexes, one case a tool.
enum AgentTool: String, CaseIterable {
    case search, get, explain, similar, stats

    /// For the agent's reader.
    var description: String {
        switch self {
        case .search:
            "Search an index for documents that answer a question or hold words. Learned-sparse and BM25 together unless 'mode' says otherwise; returns ids, scores, titles and the passages that matched. Of a long document of several passages 'part' says which one scored: 'get' gives that one alone."
        case .get: "The whole text of a document by its id, or one of its passages."
        case .explain:
            "Why a document scores as it does for a query, and why it is not among the first where it is not."
        case .similar: "The documents most like one of the index."
        case .stats: "How many documents an index has, its model and its fields."
        }
    }

    /// The arguments, as JSON Schema.
    var schema: String {
        let index = "\"index\":{\"type\":\"string\",\"description\":\"The index; may be left out where there is one.\"}"
        let hits = "\"hits\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100,\"default\":10}"
        let query = "\"query\":{\"type\":\"string\"}"
        let id = "\"id\":{\"type\":\"string\",\"description\":\"A document's id.\"}"
        func object(_ properties: [String], _ required: [String]) -> String {
            "{\"type\":\"object\",\"properties\":{\(properties.joined(separator: ","))},"
                + "\"required\":[\(required.map { "\"\($0)\"" }.joined(separator: ","))],\"additionalProperties\":false}"
        }
        switch self {
        case .search:
            let mode =
                "\"mode\":{\"type\":\"string\",\"enum\":[\(SearchMode.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ","))]}"
            let filter =
                "\"filter\":{\"type\":\"string\",\"description\":\"Only documents whose metadata fit, like: year >= 2020 AND lang = \\\"en\\\"\"}"
            return object([query, index, hits, mode, filter], ["query"])
        case .get:
            let passage =
                "\"passage\":{\"type\":\"integer\",\"minimum\":1,\"description\":\"Only this passage, by the number that a search gave it in 'part'.\"}"
            return object([id, index, passage], ["id"])
        case .explain: return object([query, id, index, hits], ["query", "id"])
        case .similar: return object([id, index, hits], ["id"])
        case .stats: return object([index], [])
        }
    }

    /// The tool as the protocol lists it.
    var listing: String {
        "{\"name\":\"\(rawValue)\",\"description\":\(JSONText.quoted(description)),\"inputSchema\":\(schema),"
            + "\"annotations\":{\"readOnlyHint\":true,\"openWorldHint\":false}}"
    }
}
