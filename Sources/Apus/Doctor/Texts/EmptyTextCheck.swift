/// Documents and queries without a text, or without any word.
struct EmptyTextCheck: TextCheck {
    private var empty = Tally()
    private var wordless = Tally()

    mutating func visit(_ text: ExaminedText) {
        if text.isEmpty {
            empty.add(text.example("neither title nor text"))
        } else if text.facts.words == nil {
            wordless.add(text.example("no word in '\(text.content.prefix(40))'"))
        }
    }

    func findings(
        of subject: TextSubject, in path: String, _ places: DocumentPlaces
    ) -> [DoctorReport.Finding] {
        let fix =
            switch subject {
            case .documents: "Nothing can find them: fill them in, or leave them out and out of the judgements."
            case .queries: "They find nothing and count 0 in every mean: fill them in, or leave them out."
            }
        let isEmpty = empty.count == 1 ? "is" : "are"
        return [
            empty.finding(.warning, "empty-texts", path, "\(subject.counted(empty.count)) \(isEmpty) empty.", fix: fix),
            wordless.finding(
                .warning, "no-words", path,
                "\(subject.counted(wordless.count)) \(wordless.count == 1 ? "has" : "have") no letter and no digit.",
                fix: fix),
        ].compactMap { $0 }
    }
}
