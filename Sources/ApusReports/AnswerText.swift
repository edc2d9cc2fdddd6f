package import Apus
import Foundation

/// One hit as people read it.
package enum AnswerText {
    /// How the words of a snippet are marked.
    package enum Marks {
        /// With the codes of terminals, unless `NO_COLOR` is set.
        case bold
        /// As `[word]`.
        case brackets

        var around: (String, String) {
            let isPlain = ProcessInfo.processInfo.environment["NO_COLOR"].map { !$0.isEmpty } ?? false
            return self == .bold && !isPlain ? ("\u{1B}[1m", "\u{1B}[22m") : ("[", "]")
        }
    }

    /// Rank, score, id and title on one line, the snippet or the beginning of the text and the receipts below.
    package static func lines(_ document: RankedDocument, marks: Marks = .brackets) -> String {
        let title = document.title.map { $0.isEmpty ? "" : "  " + $0 } ?? ""
        var lines = ["\(pad(document.rank))  \(Format.decimals(document.score, 4))  \(document.id)\(title)"]
        var snippet: String?
        if let found = document.snippet {
            // What the text itself holds of a terminal's codes is shown before ours are put in.
            let (open, close) = marks.around
            let shown = found.marked("\u{E000}", "\u{E001}").showingControls()
            snippet = "    " + shown.replacing("\u{E000}", with: open).replacing("\u{E001}", with: close)
        } else if let text = document.text, !text.isEmpty {
            lines.append("    " + beginning(of: text))
        }
        if let passage = document.passage { lines.append("    passage \(passage.number) of \(passage.of)") }
        if document.bm25 != nil || document.learned != nil || document.runs != nil {
            let runs = (document.runs ?? []).map { receipt($0.run, Placement(rank: $0.rank, score: $0.score)) }
            let receipts = [receipt("bm25", document.bm25), receipt("splade", document.learned)] + runs
            lines.append("    " + receipts.joined(separator: " · "))
        }
        if let parts = document.parts {
            lines.append("    bm25 \(Format.decimals(parts.bm25, 4)) + splade \(Format.decimals(parts.learned, 4))")
        }
        lines = lines.map { $0.showingControls() }
        if let snippet { lines.insert(snippet, at: 1) }
        return lines.joined(separator: "\n")
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
