import Apus

/// A table of a report, in every form that people paste somewhere.
package struct ReportTable {
    /// The forms.
    package enum Form: String, CaseIterable { case text, markdown, latex, csv }

    let title: String
    let head: [String]
    var rows: [[String]] = []

    /// The lines of the table; without a last newline.
    func lines(_ form: Form) -> String {
        switch form {
        case .text:
            var table = TextTable(head)
            for row in rows { table.add(row) }
            return (title.isEmpty ? "" : title + "\n") + table.text
        case .markdown:
            let rule = head.indices.map { $0 == 0 ? "---" : "---:" }
            let lines = [head, rule] + rows.map { $0.map(Self.markdown) }
            return (title.isEmpty ? "" : "**\(Self.markdown(title))**\n\n")
                + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
        case .latex:
            let columns = "l" + String(repeating: "r", count: max(0, head.count - 1))
            let lines = rows.map { $0.map(Self.latex).joined(separator: " & ") + " \\\\" }
            return """
                \\begin{table}
                \\caption{\(Self.latex(title))}
                \\begin{tabular}{\(columns)}
                \\hline
                \(head.map(Self.latex).joined(separator: " & ")) \\\\
                \\hline
                \(lines.joined(separator: "\n"))
                \\hline
                \\end{tabular}
                \\end{table}
                """
        case .csv:
            return ([head] + rows).map { $0.map(Self.csv).joined(separator: ",") }.joined(separator: "\n")
        }
    }

    private static func markdown(_ text: String) -> String {
        text.showingControls().replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("*", with: "\\*")
    }

    private static func latex(_ text: String) -> String {
        let marks: [Character: String] = [
            "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#",
            "_": "\\_",
            "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "<": "$<$", ">": "$>$", "…": "\\dots{}",
        ]
        return text.showingControls().map { marks[$0] ?? String($0) }.joined()
    }

    /// RFC 4180.
    private static func csv(_ text: String) -> String {
        let needsQuotes = text.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
