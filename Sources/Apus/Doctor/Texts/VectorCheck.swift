import CorpusFormats

/// Documents that came as vectors and have no term with a weight: the learned field cannot find them.
struct VectorCheck {
    private var empty = Tally()
    private var terms = 0
    private var vectors = 0

    mutating func visit(_ document: CorpusDocument) {
        guard let vector = document.vector else { return }
        vectors += 1
        terms += vector.count
        if !vector.contains(where: { $0.weight > 0 }) {
            empty.add(.init(line: document.line, id: document.id, "no term with a weight above 0"))
        }
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        guard vectors > 0 else { return [] }
        let note = DoctorReport.Finding(
            severity: .note, check: "vectors", path: path,
            summary: "\(Figures.number(terms / vectors)) terms a vector on average.", count: vectors, examples: [])
        let found = empty.finding(
            .warning, "empty-vectors", path,
            "\(Figures.counted(empty.count, "vector has", "vectors have")) no term.",
            fix: "Encode their texts again, or leave them out.")
        return [found, note].compactMap { $0 }
    }
}
