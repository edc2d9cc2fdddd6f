/// Elasticsearch: a `sparse_vector` field, queries that leave no token out (`prune` is on by default), reciprocal rank fusion.
struct Elasticsearch: Receiver {
    static let name = "elasticsearch"
    let documentsPerFile = 5_000
    let partName = (before: "bulk-", after: ".ndjson")
    let termNames = ExportManifest.Names(spelling: "names", replaced: BulkIndex.replaced)
    private let bulk: BulkIndex

    init(_ source: ExportSource) throws { bulk = try BulkIndex("Elasticsearch", source) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) throws { try bulk.append(document, to: &part) }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        func sparse(_ query: GoldenQueries.Query) -> String {
            "{\"sparse_vector\":{\"field\":\"vector\",\"query_vector\":\(query.object(BulkIndex.spelled)),\"prune\":false}}"
        }
        let example = golden.queries.first.map(sparse) ?? "{\"match_none\":{}}"
        return [
            ("index.json", BulkIndex.mapping(vector: "{\"type\": \"sparse_vector\"}")),
            ("queries.jsonl", BulkIndex.queries(golden, sparse)),
            (
                "hybrid-query.json",
                "{\"size\":10,\"retriever\":{\"rrf\":{\"retrievers\":["
                    + "{\"standard\":{\"query\":{\"match\":{\"text\":\"WORDS OF THE QUERY\"}}}},"
                    + "{\"standard\":{\"query\":\(example)}}],\"rank_window_size\":100,\"rank_constant\":60}}}\n"
            ),
        ]
    }
}
