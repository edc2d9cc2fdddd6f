/// OpenSearch: a `rank_features` field, `neural_sparse` queries, a search pipeline that normalises and joins both lists.
struct OpenSearch: Receiver {
    static let name = "opensearch"
    let documentsPerFile = 5_000
    let partName = (before: "bulk-", after: ".ndjson")
    let termNames = ExportManifest.Names(spelling: "names", replaced: BulkIndex.replaced)
    private let bulk: BulkIndex

    init(_ source: ExportSource) throws { bulk = try BulkIndex("OpenSearch", source) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) throws { try bulk.append(document, to: &part) }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        func sparse(_ query: GoldenQueries.Query) -> String {
            "{\"neural_sparse\":{\"vector\":{\"query_tokens\":\(query.object(BulkIndex.spelled))}}}"
        }
        let example = golden.queries.first.map(sparse) ?? "{\"match_none\":{}}"
        return [
            ("index.json", BulkIndex.mapping(vector: "{\"type\": \"rank_features\"}")),
            ("queries.jsonl", BulkIndex.queries(golden, sparse)),
            (
                "pipeline.json",
                """
                {
                  "description": "BM25 and learned scores, each brought to 0…1, then averaged",
                  "phase_results_processors": [
                    {
                      "normalization-processor": {
                        "normalization": {"technique": "min_max"},
                        "combination": {"technique": "arithmetic_mean", "parameters": {"weights": [0.5, 0.5]}}
                      }
                    }
                  ]
                }

                """
            ),
            (
                "hybrid-query.json",
                "{\"size\":10,\"query\":{\"hybrid\":{\"queries\":[{\"match\":{\"text\":\"WORDS OF THE QUERY\"}},\(example)]}}}\n"
            ),
        ]
    }
}
