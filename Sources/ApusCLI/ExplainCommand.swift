import Apus
import ArgumentParser
import CorpusFormats

/// `apus explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Say why a document scores as it does: each term's weight in the query, in the document, their product.")

    @Argument(help: "The index directory.", completion: .directory)
    var index: String

    @Argument(help: "The query text.")
    var query: String

    @Argument(help: "The document's id.")
    var document: String

    @Option(help: "bm25, splade, hybrid (both fields, and how their lists are fused) or fused (both, weighted).")
    var mode: SearchMode?

    @Flag(
        help:
            "Also say how the search ran: traversal and why, postings touched, blocks skipped, threshold at start and end, what is proved."
    )
    var plan = false

    @Flag(help: "Print JSON.")
    var json = false

    @OptionGroup var flags: SearchFlags
    @OptionGroup var indexFlags: IndexFlags

    func run() throws {
        let opened = try indexFlags.open(index)
        let found = try opened.explain(query, document: document, flags.options(mode: mode, hits: 10))
        for note in found.notes { Terminal.note("note: \(note)") }
        if json {
            try StandardOutput.print(
                plan
                    ? Format.json(Document(fields: found.fields, searches: searches(opened)))
                    : Format.json(found.fields))
            return
        }
        for field in found.fields { try show(field, found.mode) }
        if found.fields.count > 1 { try StandardOutput.print(sum(found) + "\n") }
        if plan { try printPlan(opened) }
    }

    private func show(_ field: FieldExplanation, _ mode: SearchMode) throws {
        var name = field.field == "text" ? "BM25 (k1 \(flags.bm25K1), b \(flags.bm25B))" : "learned"
        if mode == .fused {
            let weight = field.field == "text" ? 1 - flags.weight : flags.weight
            name += ", weight \(Format.decimals(weight, 2)), scaling \(flags.scaling.rawValue)"
        }
        if let boost = field.boost, boost != 1 { name += ", boosted by \(boost)" }
        try StandardOutput.print("\(name): \(Format.decimals(field.score, 4))")
        if field.terms.isEmpty {
            try StandardOutput.print(
                field.missing.isEmpty ? "  the query has no term here" : "  the document has none of the query's terms")
        } else {
            var table = TextTable(["  term", "query", "document", "product", "origin"])
            for term in field.terms {
                table.add([
                    "  " + term.term, Format.decimals(term.queryWeight, 3), Format.decimals(term.documentWeight, 3),
                    Format.decimals(term.product, 4), term.isTyped ? "typed" : "expanded",
                ])
            }
            try StandardOutput.print(table.text)
        }
        if !field.missing.isEmpty {
            try StandardOutput.print(
                "  not in the document: " + field.missing.joined(separator: ", ").showingControls())
        }
        try StandardOutput.print("")
    }

    /// How the fields' shares add up to the score of a search.
    private func sum(_ found: ScoreExplanation) -> String {
        let parts = found.fields.map { field in
            let name = field.field == "text" ? "bm25" : "splade"
            guard found.mode == .hybrid else { return "\(name) \(Format.decimals(field.share, 4))" }
            return "\(name) \(Format.decimals(field.share, 4)) "
                + (field.rank.map { "(#\($0))" } ?? "(not among the first \(Format.count(max(10, flags.depth))))")
        }
        var text = "\(found.mode.rawValue): \(parts.joined(separator: " + ")) = \(Format.decimals(found.score, 4))"
        if found.mode == .hybrid { text += "  (\(flags.options(mode: .hybrid, hits: 10).fusion.name))" }
        return text
    }

    private struct Document: Encodable {
        let fields: [FieldExplanation]
        let searches: [CertificateDocument]
    }

    private func searches(_ opened: SearchIndex) throws -> [CertificateDocument] {
        CertificateDocument.all(of: try opened.search(query, flags.options(mode: mode, hits: 10)))
    }

    private func printPlan(_ opened: SearchIndex) throws {
        let answer = try opened.search(query, flags.options(mode: mode, hits: 10))
        var table = TextTable([
            "traversal", "postings", "documents", "blocks", "skipped", "ranges", "scored", "cut", "threshold",
            "k-th score", "left out", "exact", "why",
        ])
        for search in answer.searches {
            let (counters, certificate) = (search.counters, search.certificate)
            func score(_ units: UInt32) -> String { Format.decimals(Double(units) * search.unit, 4) }
            table.add([
                search.plan.traversal.rawValue,
                search.plan.traversal == .range && counters.postings == 0 ? "–" : Format.count(counters.postings),
                Format.count(counters.documents),
                Format.count(counters.blocks), Format.count(counters.blocksSkipped), Format.count(counters.ranges),
                Format.count(counters.rangesScored), Format.count(counters.rangesCut),
                "\(score(counters.startThreshold)) to \(score(counters.threshold))", score(certificate.threshold),
                certificate.unscoredBound.map { "at most \(score($0))" } ?? "nothing",
                certificate.isExact ? "yes" : "first \(certificate.exactHits)",
                search.plan.reason + (counters.fallbacks > 0 ? "; too many ranges survived, so all were scored" : ""),
            ])
        }
        try StandardOutput.print(table.text)
    }
}
