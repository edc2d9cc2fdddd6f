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
            let cells: [[String]] = [head, rule] + rows.map { $0.map(Self.markdown) }
            let lines: [String] = cells.map { "| " + $0.joined(separator: " | ") + " |" }
            let caption = title.isEmpty ? "" : "**\(Self.markdown(title))**\n\n"
            return caption + lines.joined(separator: "\n")
        case .latex:
            let columns = "l" + String(repeating: "r", count: max(0, head.count - 1))
            let lines: [String] = rows.map { $0.map(Self.latex).joined(separator: " & ") + " \\\\" }
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
            let lines: [String] = ([head] + rows).map { $0.map(Self.csv).joined(separator: ",") }
            return lines.joined(separator: "\n")
        }
    }

    private static func markdown(_ text: String) -> String {
        text.showingControls().replacing("\\", with: "\\\\").replacing("|", with: "\\|").replacing("*", with: "\\*")
    }

    private static func latex(_ text: String) -> String {
        var out = ""
        for character in text.showingControls() {
            if let mark = marks[character] { out += mark } else { out.append(character) }
        }
        return out
    }

    /// What LaTeX would take for more than a character.
    private static let marks: [Character: String] = [
        "\\": "\\textbackslash{}", "{": "\\{", "}": "\\}", "&": "\\&", "%": "\\%", "$": "\\$", "#": "\\#", "_": "\\_",
        "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "−": "$-$", "<": "$<$", ">": "$>$", "…": "\\dots{}",
    ]

    /// RFC 4180.
    private static func csv(_ text: String) -> String {
        let marks: Set<UInt8> = [0x22, 0x2C, 0x0A, 0x0D]
        guard text.utf8.contains(where: marks.contains) else { return text }
        let doubled: String = text.replacing("\"", with: "\"\"")
        return "\"\(doubled)\""
    }
}
