/// Texts that were decoded or exported wrongly, by kind of damage.
struct TextDamageCheck: TextCheck {
    private var tallies: [TextDamage.Kind: Tally] = [:]
    private var times: [TextDamage.Kind: Int] = [:]

    mutating func visit(_ text: ExaminedText) {
        for (kind, found) in text.facts.damage.found {
            times[kind, default: 0] += found.count
            tallies[kind, default: Tally()].add(text.example("'\(found.excerpt)'"))
        }
    }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        TextDamage.Kind.allCases.compactMap { kind in
            guard let tally = tallies[kind] else { return nil }
            let have = "\(subject.counted(tally.count)) \(tally.count == 1 ? "has" : "have")"
            let times = "\(Figures.number(times[kind] ?? 0)) in all"
            switch kind {
            case .replacement:
                return tally.finding(
                    .warning, "replacement-characters", path,
                    "\(have) U+FFFD where a byte could not be decoded, \(times).",
                    fix: "Decode the source again with its own encoding; what is lost cannot be told from the text.")
            case .mojibake:
                return tally.finding(
                    .warning, "mojibake", path,
                    "\(have) UTF-8 that was read as Latin-1 or Windows-1252, \(times).",
                    fix: "Decode the source as UTF-8, or mend the texts, for example with ftfy.")
            case .control:
                return tally.finding(
                    .warning, "control-characters", path, "\(have) control characters, \(times).",
                    fix: "Take them out; most come from broken conversions.")
            case .markup:
                return tally.finding(
                    .note, "left-markup", path, "\(have) what looks like entities or tags of markup, \(times).",
                    fix: "Turn entities into characters and take tags out, unless the texts are about markup.")
            }
        }
    }
}
