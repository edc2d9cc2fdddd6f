import Apus

/// Qdrant: points whose ids are numbers, as it takes no others; the document's own id is in the payload.
struct Qdrant: Receiver {
    static let name = "qdrant"
    let partName = (before: "points-", after: ".jsonl")
    let documentIDs = ExportManifest.Names(spelling: "numbers, the id is \"id\" of the payload")
    let termNames = NumberedTerms.names
    private let numbered: NumberedTerms

    init(_ source: ExportSource) throws { numbered = try NumberedTerms("Qdrant", source) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) {
        part.append("{\"id\":")
        part.append(document.row)
        part.append(",\"vector\":{\"learned\":{")
        NumberedTerms.append(document.terms, document.impacts, to: &part)
        part.append("}},\"payload\":{\"id\":")
        part.append(quoted: document.id)
        part.append(",")
        DocumentMembers.append(document.text, to: &part)
        DocumentMembers.append(metadata: document.text, to: &part)
        part.dropComma()
        part.append("}}\n")
    }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        func body(_ query: GoldenQueries.Query) -> String {
            "{\"query\":\(numbered.object(query)),\"using\":\"learned\",\"limit\":\(GoldenQueries.depth),\"with_payload\":[\"id\"]}"
        }
        let queries = golden.queries.map { "{\"id\":\($0.quotedID),\"body\":\(body($0))}\n" }
        let example = golden.queries.first.map(numbered.object) ?? "{\"indices\":[],\"values\":[]}"
        return [
            (NumberedTerms.file, numbered.list), ("queries.jsonl", queries.joined()),
            ("collection.json", "{\"vectors\": {}, \"sparse_vectors\": {\"learned\": {}}}\n"),
            (
                // The k of reciprocal ranks is 2 unless it is said.
                "hybrid-query.json",
                "{\"prefetch\":[{\"query\":\(example),\"using\":\"learned\",\"limit\":100},"
                    + "{\"query\":[\"A DENSE VECTOR\"],\"using\":\"dense\",\"limit\":100}],"
                    + "\"query\":{\"rrf\":{\"k\":60}},\"limit\":10,\"with_payload\":[\"id\"]}\n"
            ),
        ]
    }
}
