import Apus
import ArgumentParser

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

    @Option(help: "bm25, splade or hybrid (both fields).")
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
        let fields = try opened.explain(query, document: document, flags.options(mode: mode, hits: 10))
        if json {
            print(try plan ? Format.json(Document(fields: fields, searches: searches(opened))) : Format.json(fields))
            return
        }
        for field in fields {
            let name = field.field == "text" ? "BM25 (k1 \(flags.bm25K1), b \(flags.bm25B))" : "learned"
            print("\(name): \(Format.decimals(field.score, 4))")
            var table = TextTable(["  term", "query", "document", "product", "origin"])
            for term in field.terms {
                table.add([
                    "  " + term.term, Format.decimals(term.queryWeight, 3), Format.decimals(term.documentWeight, 3),
                    Format.decimals(term.product, 4), term.isTyped ? "typed" : "expanded",
                ])
            }
            print(table.text)
            if !field.missing.isEmpty { print("  not in the document: " + field.missing.joined(separator: ", ")) }
            print("")
        }
        if plan { try printPlan(opened) }
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
        print(table.text)
    }
}
