package import Apus

/// What `apus doctor` prints for people.
package enum DoctorReportText {
    /// What was examined, the findings with the gravest first, and a last line that says how it stands.
    package static func text(_ report: DoctorReport) -> String {
        var lines = report.places.map { place in
            "\(place.path): \(name(place.kind)), \(records(place)) (\(place.reason))"
        }
        for finding in report.findings {
            lines.append("")
            lines.append("\(finding.severity.rawValue.uppercased())  \(finding.check)  \(finding.path)")
            lines.append("  \(finding.summary)")
            for example in finding.examples {
                let place = [example.line.map { "line \($0)" }, example.id.map { "'\($0)'" }].compactMap { $0 }
                lines.append(
                    "    \(place.isEmpty ? "" : place.joined(separator: " ") + ": ")\(oneLine(example.detail))")
            }
            let more = finding.count - finding.examples.count
            if !finding.examples.isEmpty, more > 0 {
                lines.append("    … and \(Format.count(more)) more")
            }
            if let fix = finding.fix { lines.append("  → \(fix)") }
        }
        lines.append("")
        lines.append(conclusion(report))
        return lines.map { $0.showingControls() }.joined(separator: "\n")
    }

    private static func conclusion(_ report: DoctorReport) -> String {
        let (faults, warnings, notes) = (report.count(.fault), report.count(.warning), report.count(.note))
        func counted(_ count: Int, _ what: String) -> String { "\(count) \(what)\(count == 1 ? "" : "s")" }
        let figures = "\(counted(faults, "fault")), \(counted(warnings, "warning")), \(counted(notes, "note"))"
        if faults > 0 { return "\(figures). The faults make results wrong." }
        return warnings > 0 ? "\(figures). Nothing makes results wrong by itself." : "\(figures). Nothing is wrong."
    }

    private static func name(_ kind: DoctorPlace.Kind) -> String {
        switch kind {
        case .index: "an index"
        case .corpus: "documents"
        case .vectors: "documents as vectors"
        case .topics: "topics"
        case .qrels: "judgements"
        case .run: "a run"
        }
    }

    private static func records(_ place: DoctorReport.Place) -> String {
        let count = Format.count(place.records)
        return switch place.kind {
        case .run: "\(count) results"
        case .qrels: "\(count) judgements"
        case .topics: "\(count) queries"
        default: "\(count) documents"
        }
    }

    /// An example is one line of a sensible length, whatever the text holds.
    private static func oneLine(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { $0 == "\n" || $0 == "\t" || $0 == "\r" ? " " : $0 }
        var shown = String.UnicodeScalarView()
        shown.append(contentsOf: scalars.prefix(200))
        return String(shown) + (scalars.count > 200 ? "…" : "")
    }
}
