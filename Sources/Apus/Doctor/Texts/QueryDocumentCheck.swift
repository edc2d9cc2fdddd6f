/// Queries with the very words of a document: each finds that document first, whatever it was meant to find.
struct QueryDocumentCheck {
    /// Topics by the hash of their words.
    private var topics: [UInt64: [(id: String, hash: UInt64)]] = [:]
    private var same = Tally()
    private var other = Tally()

    mutating func add(topic text: ExaminedText) {
        guard let words = text.facts.words else { return }
        topics[words, default: []].append((text.id, text.facts.id))
    }

    mutating func visit(document text: ExaminedText) {
        let hashes = Set([text.facts.words, text.facts.textWords].compactMap { $0 })
        for (id, hash) in hashes.flatMap({ topics[$0] ?? [] }) {
            if hash == text.facts.id {
                same.add(text.example("query '\(id)' has its text and its id"))
            } else {
                other.add(text.example("query '\(id)' has its text"))
            }
        }
    }

    func findings(in path: String) -> [DoctorReport.Finding] {
        [
            same.finding(
                .warning, "queries-are-documents", path,
                "\(Figures.counted(same.count, "query is a document", "queries are documents")) of the corpus, with text and id.",
                fix: "Evaluate with --ignore-identical-ids, as BEIR does for ArguAna and Quora."),
            other.finding(
                .warning, "queries-have-a-documents-words", path,
                "\(Figures.counted(other.count, "query has", "queries have")) the words of a document under another id.",
                fix: "Each finds that document first: judge it, or take it out of the corpus."),
        ].compactMap { $0 }
    }
}
