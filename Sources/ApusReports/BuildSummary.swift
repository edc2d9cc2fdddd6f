package import Apus

/// What a build did, in sentences.
package struct BuildSummary {
    private let report: BuildReport
    private let directory: String
    private let existing: IndexBuilder.Existing

    /// The summary of what the builder did.
    package init(_ report: BuildReport, _ builder: IndexBuilder) {
        self.report = report
        directory = builder.directory
        existing = builder.existing
    }

    /// The sentences, a line each.
    package var text: String {
        if report.interrupted, existing == .replace { return "Interrupted; '\(directory)' is as it was before." }
        let documents = report.added + report.replaced
        let rate = report.seconds > 0 ? Double(documents) / report.seconds : 0
        var text =
            "\(report.interrupted ? "Interrupted after" : "Indexed") \(Format.count(documents, "document")) "
            + "in \(Format.decimals(report.seconds, 1)) s (\(Format.rate(rate))/s); "
            + "'\(directory)' now holds \(Format.count(report.documents))."
        if report.replaced > 0 {
            text += "\n\(Format.count(report.replaced)) took the place of one with the same id."
        }
        if report.skipped > 0 { text += "\n\(Format.count(report.skipped)) were there already and were skipped." }
        if report.empty > 0 {
            text += "\n\(Format.count(report.empty)) have nothing to be found by: no word and no term."
        }
        if report.split > 0 {
            text += "\n\(Format.count(report.split)) are longer than a passage and were split into "
            text += "\(Format.count(report.passages)) passages."
        }
        if report.truncated > 0 {
            text += "\n\(Format.count(report.truncated)) are longer than the encoder reads; "
            text += "the learned field holds their beginnings, BM25 all of them."
        }
        if report.clipped > 0, report.split > 0 {
            text +=
                "\n\(Format.count(report.clipped)) learned weights are larger than the largest impact and were clipped."
        }
        if report.interrupted {
            text += "\nRun the same command\(existing == .update ? "" : " with --resume") to go on."
        }
        return text
    }
}
