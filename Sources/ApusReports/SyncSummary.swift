package import Apus

/// What a sync did, in sentences.
package struct SyncSummary {
    private let report: SyncReport
    private let folder: String
    private let index: String

    /// The summary of a sync.
    package init(_ report: SyncReport, folder: String, index: String) {
        (self.report, self.folder, self.index) = (report, folder, index)
    }

    /// The sentences, a line each; of a dry run the files first.
    package var text: String {
        let counts =
            "\(Format.count(report.added)) new, \(Format.count(report.changed)) changed, \(Format.count(report.deleted)) gone, "
            + "\(Format.count(report.unchanged)) as they were"
        if report.dryRun {
            let marked = [("+", report.wouldAdd), ("~", report.wouldChange), ("-", report.wouldDelete)]
            let lines = marked.flatMap { mark, names in (names ?? []).map { "\(mark) \($0)" } }
            return (lines + ["'\(folder)': \(counts). Nothing was written."]).joined(separator: "\n")
        }
        var text = report.interrupted ? "Interrupted; " : ""
        text += "'\(folder)': \(counts), in \(Format.decimals(report.seconds, 2)) s; "
        text += "'\(index)' holds \(Format.count(report.documents, "document"))"
        text += report.commit > 0 ? " (commit \(report.commit))." : "."
        if report.empty > 0 {
            text += "\n\(Format.count(report.empty)) have nothing to be found by: no word and no term."
        }
        if report.truncated > 0 {
            text += "\n\(Format.count(report.truncated)) are longer than the encoder reads; "
            text += "the learned field holds their beginnings, BM25 all of them."
        }
        if report.interrupted { text += "\nRun the same command to go on." }
        return text
    }
}
