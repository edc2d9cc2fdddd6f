import CorpusFormats

/// Lines that cannot be read, and what ended the reading of a file.
struct UnreadableLines {
    let path: String
    private var lines = Tally()
    private var end: FormatError?

    init(_ path: String) { self.path = path }

    /// - Parameter isEnd: Whether nothing behind it was read.
    mutating func add(_ error: FormatError, isEnd: Bool) {
        if isEnd { end = error } else { lines.add(.init(line: error.line, Self.detail(error))) }
    }

    /// What is wrong, without the place.
    private static func detail(_ error: FormatError) -> String {
        let text = error.description
        guard let line = error.line, let place = text.firstRange(of: " line \(line)") else { return text }
        let rest = text[place.upperBound...]
        return String(rest.drop { ":, ".contains($0) })
    }

    var findings: [DoctorReport.Finding] {
        var found: [DoctorReport.Finding] = []
        if let end {
            found.append(
                .init(
                    severity: .fault, check: "unreadable", path: path, summary: end.description, count: 1, examples: [],
                    fix: "What stands behind it was not examined."))
        }
        let isOne = lines.count == 1
        if let finding = lines.finding(
            .fault, "malformed-lines", path,
            "\(Figures.counted(lines.count, "line", "lines")) cannot be read; every other verb refuses the file at the first.",
            fix: isOne ? "Mend it or take it out." : "Mend them or take them out.")
        {
            found.append(finding)
        }
        return found
    }
}
