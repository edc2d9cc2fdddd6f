import Apus
import Hummingbird

/// Why a document stands where it does for a query.
struct DocumentWhy: Sendable {
    let query: PageQuery
    /// In words.
    let words: ScoreInWords
    /// In numbers.
    let explanation: ScoreExplanation
    /// The whole document with its marks; nil where nothing of it scored.
    let marked: Snippet?

    /// - Throws: `FilterError`, ``ServerError/busy``; as `SearchIndex.explain`.
    init(
        _ id: String, _ document: CorpusDocument, _ state: PageState, _ index: SearchIndex, _ answering: QueryAnswering
    ) async throws {
        let query = try await PageQuery(state, index, answering)
        var options = try state.options((state.by ?? state.view ?? (query.vector == nil ? .bm25 : .hybrid)).mode)
        let (vector, text) = (query.vector, state.query)
        let told = options
        let done = try await answering.pool.run {
            (
                try index.inWords(text, vector: vector, document: id, told),
                try index.explain(text, vector: vector, document: id, told)
            )
        }
        options.filter = .isOne(.id, of: [.text(ByteString(id))])
        let alone = options
        marked = try await answering.pool.run {
            let answer = try index.search(text, vector: vector, alone)
            guard !answer.documents.isEmpty else { return nil as Snippet? }
            return try index.snippets(text, answer, [ByteString(id): document], alone, length: .max).first ?? nil
        }.value
        (words, explanation) = done.value
        self.query = query
    }
}

extension DocumentWhy {
    private static let mostTerms = 12

    /// The section of a document's page, which a hit shows, too.
    var html: HTML {
        """
        <section id="why" aria-labelledby="why-title">
        <h2 id="why-title">Why</h2>
        \(words.sentences.map { "<p>\($0)</p>" as HTML })
        \(explanation.notes.map { "<p class=\"hint\">\($0)</p>" as HTML })
        \(explanation.fields.filter { !$0.terms.isEmpty || $0.elsewhere != nil }.map(table))
        </section>
        """
    }

    private func table(_ field: FieldExplanation) -> HTML {
        let isLearned = field.field != "text"
        let largest = field.terms.first?.product ?? 0
        let rows = field.terms.prefix(Self.mostTerms).map { term in
            let kind = !isLearned ? "word" : term.isTyped ? "typed" : "added"
            return """
                <tr class="\(kind)"><th scope="row"><bdi>\(term.term)</bdi>\
                \(HTML.when(kind == "added", "<span class=\"vh\"> (added)</span>"))</th>\
                <td>\(HTML.number(term.queryWeight, digits: 2))</td><td>\(HTML.number(term.documentWeight, digits: 2))</td>\
                <td>\(HTML.number(term.product, digits: 2))</td>\
                <td class="graph">\(HTML.bar(largest > 0 ? term.product / largest : 0, kind))</td></tr>
                """ as HTML
        }
        let rest = field.terms.count - Self.mostTerms
        return """
            <table><caption>\(isLearned ? "Learned" : "BM25") <span class="score">\(HTML.number(field.score))</span></caption>
            <thead><tr><th scope="col">Term</th><th scope="col">Query</th><th scope="col">Document</th><th scope="col">Product</th>\
            <td class="graph"></td></tr></thead>
            <tbody>\(rows)</tbody></table>
            \(HTML.when(rest > 0, "<p class=\"hint\">and \(rest) lighter ones</p>"))
            \(elsewhere(field))
            """
    }

    /// Terms that only other passages of the document hold.
    private func elsewhere(_ field: FieldExplanation) -> HTML {
        guard let terms = field.elsewhere else { return .nothing }
        let items = terms.prefix(Self.mostTerms).map { "<bdi>\($0)</bdi> " as HTML }
        return "<p class=\"hint elsewhere\">In another passage: \(items)</p>"
    }
}
