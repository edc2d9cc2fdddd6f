package import Apus
import InvertedIndex

/// How each traversal of an answer ran, a row each.
package enum PlanTable {
    /// The table.
    package static func text(_ answer: SearchAnswer) -> String {
        var table = TextTable([
            "traversal", "postings", "documents", "blocks", "skipped", "ranges", "scored", "cut", "threshold",
            "k-th score", "left out", "exact", "why",
        ])
        for search in answer.searches { table.add(row(search)) }
        return table.text
    }

    private static func row(_ search: SearchResult) -> [String] {
        let (counters, certificate) = (search.counters, search.certificate)
        func score(_ units: UInt32) -> String { Format.decimals(search.score(units), 4) }
        return [
            search.plan.traversal.rawValue,
            [.range, .window].contains(search.plan.traversal) && counters.postings == 0
                ? "–" : Format.count(counters.postings),
            Format.count(counters.documents),
            Format.count(counters.blocks), Format.count(counters.blocksSkipped), Format.count(counters.ranges),
            Format.count(counters.rangesScored), Format.count(counters.rangesCut),
            "\(score(counters.startThreshold)) to \(score(counters.threshold))", score(certificate.threshold),
            certificate.unscoredBound.map { "at most \(score($0))" } ?? "nothing",
            certificate.isExact ? "yes" : "first \(certificate.exactHits)",
            search.plan.reason + (counters.fallbacks > 0 ? "; too many ranges survived, so all were scored" : ""),
        ]
    }
}
