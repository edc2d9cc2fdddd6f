package import Apus

/// What `apus model adapt` found and did, in words.
package enum AdaptationText {
    /// The check's figures, if there was one, then what was made.
    package static func lines(_ report: ModelAdaptation.Report) -> [String] {
        let counted = "\(Format.count(report.tokens, "token")) in \(Format.count(report.documents, "document"))"
        guard let check = report.check else {
            return ["'\(report.model ?? "")' has a first query table: the idf of \(counted)."]
        }
        let tried = check.candidates.map { "\(percent($0.share)) \(Format.decimals($0.adapted, 3))" }.joined(
            separator: ", ")
        let first = check.candidates.first?.today ?? 0
        let figures =
            "\(Format.count(check.queries, "question")) of \(Format.count(check.documents, "document")); nDCG@10 "
            + "\(Format.decimals(first, 3)) today, with idf \(tried); held out \(Format.decimals(check.today, 3)) today, "
            + "\(Format.decimals(check.adapted, 3)) with \(percent(check.share)), \(Format.decimals(check.standardErrors, 1)) standard errors"
        guard let model = report.model else {
            return [
                "not applied: the collection's own documents do not confirm a better table (\(figures)). --force writes it."
            ]
        }
        let verdict = check.isConfirmed ? "confirmed" : "not confirmed, but forced"
        return [
            "'\(model)' has a new query table: \(percent(report.share)) idf of \(counted).",
            "check: \(verdict) (\(figures)).",
        ]
    }

    private static func percent(_ share: Double) -> String { Format.decimals(100 * share, 0) + " %" }
}
