import Apus

/// Seismic (pyseismic-lsr): JSON lines with names as terms, `SeismicIndex.build` reads them; queries alike.
struct Seismic: Receiver {
    static let name = "seismic"
    private let terms: QuotedTerms

    init(_ source: ExportSource) { terms = QuotedTerms(source.vocabulary.terms) }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) {
        terms.appendLine(document, text: "content", to: &part)
    }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        let lines = golden.queries.map { "{\"id\":\($0.quotedID),\"content\":\"\",\"vector\":\($0.object())}\n" }
        return [("queries.jsonl", lines.joined())]
    }
}
