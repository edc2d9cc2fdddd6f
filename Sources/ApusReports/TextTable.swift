import Apus

/// A table of text: first column to the left, the others to the right.
package struct TextTable {
    private var rows: [[String]]

    /// A table with these column heads.
    package init(_ head: [String]) { rows = [head] }

    /// Appends a row; control characters in it are shown.
    package mutating func add(_ row: [String]) { rows.append(row.map { $0.showingControls() }) }

    /// The lines, columns two spaces apart.
    package var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { line += "  " }
                line += column == 0 ? cell + padding : padding + cell
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
