/// Ids that stand there twice: an index refuses the second, and a run cannot tell them apart.
struct DuplicateIDCheck: TextCheck {
    /// The first text with each id.
    private(set) var first: [UInt64: UInt32] = [:]
    private var repeated = Tally()
    private var earlier: [Int] = []

    mutating func visit(_ text: ExaminedText) {
        guard let other = first[text.facts.id] else {
            first[text.facts.id] = UInt32(clamping: text.ordinal)
            return
        }
        if repeated.count < Tally.kept { earlier.append(Int(other)) }
        repeated.add(text.example("the same id as"))
    }

    func contains(_ id: String) -> Bool { first[TextHash(id).value] != nil }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        var found = repeated.finding(
            .fault, "duplicate-ids", path,
            "\(subject.counted(repeated.count)) \(repeated.count == 1 ? "repeats" : "repeat") an id.",
            fix: "Keep one of each, or give them ids of their own.")
        for (place, other) in earlier.enumerated() { found?.examples[place].detail += " " + places.name(other) }
        return found.map { [$0] } ?? []
    }
}
