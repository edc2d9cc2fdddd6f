import CorpusFormats

/// Whether an index holds the documents of the corpus that it stands beside.
struct IndexAgreementCheck {
    private let index: SearchIndex
    private var found = 0
    private var missing = Tally()
    private var changed = Tally()

    init(_ index: SearchIndex) { self.index = index }

    mutating func visit(_ text: ExaminedText) throws {
        if text.isRepeatedID { return }
        guard let (segment, docid) = index.snapshot.find(text.id) else {
            return missing.add(text.example("not in the index"))
        }
        found += 1
        let stored = CorpusDocument(id: text.id, try index.documents.text(of: segment, docid: docid))
        // Documents that came as vectors may have none.
        if stored.content.isEmpty, index.settings.model == .vectors { return }
        if TextHash(stored.content).value != text.facts.content {
            changed.add(text.example("another text in the index"))
        }
    }

    func findings(in corpus: String) -> [DoctorReport.Finding] {
        let path = index.directory
        let more = index.snapshot.documentCount - found
        let (lost, others) = (missing, changed)
        var findings = [
            lost.finding(
                .fault, "not-indexed", path,
                "\(Figures.counted(lost.count, "document", "documents")) of '\(corpus)' \(lost.count == 1 ? "is" : "are") not in it.",
                fix: "Add them with 'apus add', or build it again."),
            others.finding(
                .fault, "indexed-otherwise", path,
                "\(Figures.counted(others.count, "document has", "documents have")) another text than in '\(corpus)'.",
                fix: "Replace them with 'apus update', or build it again."),
        ].compactMap { $0 }
        if more > 0 {
            findings.append(
                .init(
                    severity: .warning, check: "not-in-the-corpus", path: path,
                    summary: "\(Figures.counted(more, "document of it is", "documents of it are")) not in '\(corpus)'.",
                    count: more, examples: [], fix: "Delete them with 'apus delete', or build it again."))
        }
        return findings
    }
}
