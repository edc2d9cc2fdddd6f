import Apus

/// Anserini and Pyserini: a folder of JsonVectorCollection and topics whose words are repeated as often as they weigh.
///
///     IndexCollection -collection JsonVectorCollection -input documents -generator DefaultLuceneDocumentGenerator -impact -pretokenized
///     SearchCollection -topics queries.tsv -topicReader TsvString -impact -pretokenized
///
/// It truncates weights that are no integers, and splits words at white space.
struct Anserini: Receiver {
    static let name = "anserini"
    let partName = (before: "documents/part-", after: ".jsonl")
    private let terms: QuotedTerms

    init(_ source: ExportSource) throws {
        if let term = source.vocabulary.terms.first(where: { $0.contains(where: \.isWhitespace) || $0.isEmpty }) {
            throw ExchangeError.refused(receiver: "Anserini", detail: "the term '\(term)' holds white space.")
        }
        terms = QuotedTerms(source.vocabulary.terms)
    }

    func append(_ document: ExportedDocument, to part: inout JSONBytes) {
        terms.appendLine(document, text: "contents", to: &part)
    }

    func companions(_ golden: GoldenQueries) -> [(name: String, text: String)] {
        let lines = golden.queries.map { query in
            let words = query.terms.flatMap { [String](repeating: $0.term, count: Int($0.weight)) }
            return query.id + "\t" + words.joined(separator: " ") + "\n"
        }
        return [("queries.tsv", lines.joined())]
    }
}
