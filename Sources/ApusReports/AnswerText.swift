package import Apus
import Foundation

/// One hit as people read it.
package enum AnswerText {
    /// Rank, score, id and title on one line, the beginning of the text and the receipts below.
    package static func lines(_ document: RankedDocument) -> String {
        let title = document.title.map { $0.isEmpty ? "" : "  " + $0 } ?? ""
        var lines = ["\(pad(document.rank))  \(Format.decimals(document.score, 4))  \(document.id)\(title)"]
        if let text = document.text, !text.isEmpty { lines.append("    " + beginning(of: text)) }
        if document.bm25 != nil || document.learned != nil || document.runs != nil {
            let runs = (document.runs ?? []).map { receipt($0.run, Placement(rank: $0.rank, score: $0.score)) }
            let receipts = [receipt("bm25", document.bm25), receipt("splade", document.learned)] + runs
            lines.append("    " + receipts.joined(separator: " · "))
        }
        if let parts = document.parts {
            lines.append("    bm25 \(Format.decimals(parts.bm25, 4)) + splade \(Format.decimals(parts.learned, 4))")
        }
        return lines.map { $0.showingControls() }.joined(separator: "\n")
    }

    private static func pad(_ rank: Int) -> String { rank < 10 ? " \(rank)" : "\(rank)" }

    private static func receipt(_ name: String, _ placement: Placement?) -> String {
        placement.map { "\(name) \($0.rank.map { "#\($0)" } ?? "–") (\(Format.decimals($0.score, 3)))" } ?? "\(name) –"
    }

    private static func beginning(of text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        guard line.count > 150 else { return line }
        let cut = line.prefix(150)
        return String(cut[..<(cut.lastIndex(of: " ") ?? cut.endIndex)]) + " …"
    }
}
