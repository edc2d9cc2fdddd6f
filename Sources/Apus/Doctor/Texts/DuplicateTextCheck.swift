/// Texts that stand there twice under two ids, byte for byte.
struct DuplicateTextCheck: TextCheck {
    private var first: [UInt64: UInt32] = [:]
    private var repeated = Tally()
    private var earlier: [Int] = []

    /// Whether an earlier text is the same.
    func isRepeated(_ text: ExaminedText) -> Bool {
        first[text.facts.content].map { Int($0) != text.ordinal } ?? false
    }

    mutating func visit(_ text: ExaminedText) {
        guard !text.isEmpty else { return }
        guard let other = first[text.facts.content] else {
            first[text.facts.content] = UInt32(clamping: text.ordinal)
            return
        }
        if repeated.count < Tally.kept { earlier.append(Int(other)) }
        repeated.add(text.example("the same text as"))
    }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        let isMany = repeated.count != 1
        let fix =
            switch subject {
            case .documents:
                "They tie in every ranking, and a judgement of one says nothing of the other: keep one of each, or judge them alike."
            case .queries: "Each counts in every mean: keep one of each."
            }
        var found = repeated.finding(
            .warning, "duplicate-texts", path,
            "\(subject.counted(repeated.count)) \(isMany ? "have" : "has") the very text of another.", fix: fix)
        for (place, other) in earlier.enumerated() { found?.examples[place].detail += " " + places.name(other) }
        return found.map { [$0] } ?? []
    }
}
