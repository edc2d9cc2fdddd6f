package import Apus

/// What an index is made of, a row for each number.
package enum IndexTable {
    /// The table.
    package static func text(_ report: IndexReport) -> String {
        var table = TextTable(["index", report.directory])
        table.add(["documents", Format.count(report.documents)])
        table.add(["commit", "\(report.commit), \(report.segments) segment\(report.segments == 1 ? "" : "s")"])
        table.add(["bytes of segments", Format.bytes(report.segmentBytes)])
        if let bytes = report.vectorBytes { table.add(["of which stored vectors", Format.bytes(bytes)]) }
        table.add(["bytes of documents", Format.bytes(report.documentBytes)])
        table.add(["analyzer", report.analyzer])
        table.add(["model", report.model])
        if report.profile != "standard" { table.add(["profile", report.profile]) }
        if let pruning = report.pruning { table.add(["of each document", pruning]) }
        let titles = report.titleWeight.map { ", titles × \($0)" } ?? ""
        table.add(["BM25", "k1 \(report.k1), b \(report.b)" + titles])
        if let boost = report.titleBoost { table.add(["learned terms of titles", "× \(1 + boost)"]) }
        if let power = report.idfPower { table.add(["learned query weights", "× idf^\(power)"]) }
        if let power = report.normPower {
            let mean = report.meanNorm.map { Format.decimals($0, 2) } ?? "mean"
            table.add(["learned document weights", "÷ (norm / \(mean))^\(power)"])
        }
        if let fusion = report.fusion { table.add(["fusion, tuned", fusion]) }
        if let passages = report.passages { table.add(["passages", passages.description]) }
        if let count = report.passageVectors, let bytes = report.passageBytes {
            table.add(["passages of long documents", "\(Format.count(count)), \(Format.bytes(bytes))"])
        }
        if let filterable = report.filterable { table.add(["filterable", filterable.joined(separator: ", ")]) }
        if let matching = report.matching { table.add(["documents that match", Format.count(matching)]) }
        for field in report.fields {
            table.add(["", ""])
            table.add([field.name == "text" ? "text field (BM25)" : "learned field", ""])
            table.add(["  terms", Format.count(field.terms)])
            table.add(["  postings", Format.count(field.postings)])
            table.add(["  bytes per posting", Format.decimals(field.bytesPerPosting, 2)])
            table.add([
                field.name == "text" ? "  words per document" : "  active terms per document",
                Format.decimals(field.perDocument, 1),
            ])
            if let clipped = field.clipped, let dropped = field.dropped {
                table.add(["  weights clipped / dropped", "\(Format.count(clipped)) / \(Format.count(dropped))"])
            }
            if let terms = field.perQuery { table.add(["  active terms per query", Format.decimals(terms, 1)]) }
            if let cut = field.truncatedQueries, cut > 0 { table.add(["  queries that were cut", Format.count(cut)]) }
            if let flops = field.flops { table.add(["  FLOPS", Format.decimals(flops, 3)]) }
        }
        return table.text
    }
}
