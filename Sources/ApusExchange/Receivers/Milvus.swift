import Apus

/// Milvus: rows with a sparse vector of numbers, and the collection's schema.
struct Milvus: Receiver {
    static let name = "milvus"
    let partName = (before: "rows-", after: ".jsonl")
    let termNames = NumberedTerms.names
    private static let longestID = 65_535
    private let numbered: NumberedTerms

    init(_ source: ExportSource) throws { numbered = try NumberedTerms("Milvus", source) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) throws {
        guard document.id.utf8.count <= Self.longestID else {
            throw ExchangeError.refused(
                receiver: "Milvus", detail: "the id '\(document.id.prefix(40))…' has more than \(Self.longestID) bytes."
            )
        }
        part.append("{\"id\":")
        part.append(quoted: document.id)
        part.append(",")
        DocumentMembers.append(document.text, to: &part)
        DocumentMembers.append(metadata: document.text, to: &part)
        part.append("\"vector\":{")
        NumberedTerms.append(document.terms, document.impacts, to: &part)
        part.append("}}\n")
    }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        let queries = golden.queries.map { "{\"id\":\($0.quotedID),\"vector\":\(numbered.object($0))}\n" }
        return [
            (NumberedTerms.file, numbered.list), ("queries.jsonl", queries.joined()),
            (
                "collection.json",
                """
                {
                  "enable_dynamic_field": true,
                  "fields": [
                    {"name": "id", "type": "VARCHAR", "max_length": \(Self.longestID), "is_primary": true},
                    {"name": "vector", "type": "SPARSE_FLOAT_VECTOR"}
                  ],
                  "index": {
                    "field_name": "vector", "index_type": "SPARSE_INVERTED_INDEX", "metric_type": "IP",
                    "params": {"inverted_index_algo": "DAAT_MAXSCORE"}
                  },
                  "search": {"metric_type": "IP", "params": {"drop_ratio_search": 0.0}}
                }

                """
            ),
        ]
    }
}
