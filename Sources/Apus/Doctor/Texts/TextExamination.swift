import CorpusFormats
import LearnedEncoder
import ParallelWork
import TextAnalysis

/// All checks of the texts of one kind: what is independent of other texts on several threads, the checks in order.
struct TextExamination {
    let subject: TextSubject
    private let encoder: SparseEncoder?
    private let threads: Int
    /// Whether texts are expected; documents that came as vectors need none.
    private let hasTexts: Bool

    private(set) var ids = DuplicateIDCheck()
    private var texts = DuplicateTextCheck()
    private var empty = EmptyTextCheck()
    private var reach: EncoderReachCheck?
    private(set) var languages: LanguageCheck
    private var damage = TextDamageCheck()
    private var near = NearDuplicateCheck()
    private(set) var places = DocumentPlaces()
    private var sources: [TextSource] = []

    init(
        _ subject: TextSubject, _ encoder: SparseEncoder?, analyzer: Analyzer.Name?, hasTexts: Bool, threads: Int
    ) {
        self.subject = subject
        self.encoder = encoder
        self.threads = threads
        self.hasTexts = hasTexts
        reach = encoder.map { EncoderReachCheck($0.description) }
        languages = LanguageCheck(analyzer: analyzer)
    }

    /// How many texts were read.
    var count: Int { places.count }

    /// Reads a place.
    /// - Parameter visit: Sees each text behind the checks.
    /// - Returns: How many texts it has, and what is wrong with the file.
    mutating func read(
        _ source: TextSource, _ visit: (CorpusDocument, ExaminedText) throws -> Void
    ) throws -> (count: Int, findings: [DoctorReport.Finding]) {
        sources.append(source)
        var unreadable = UnreadableLines(source.place.path)
        let before = count
        var batch: [CorpusDocument] = []
        var bytes = 0
        let notes = try source.read { document in
            batch.append(document)
            bytes += document.title.utf8.count + document.text.utf8.count
            guard batch.count == 2048 || bytes > 1 << 23 else { return }
            try examine(batch, visit)
            (batch, bytes) = ([], 0)
        } fault: { error, isEnd in
            unreadable.add(error, isEnd: isEnd)
        }
        try examine(batch, visit)
        let left = notes.map {
            DoctorReport.Finding(
                severity: .note, check: "left-out", path: source.place.path, summary: $0, count: 1, examples: [])
        }
        return (count - before, unreadable.findings + left)
    }

    private mutating func examine(
        _ batch: [CorpusDocument], _ visit: (CorpusDocument, ExaminedText) throws -> Void
    ) rethrows {
        let (encoder, isQuery) = (encoder, subject == .queries)
        let facts = ParallelMap.map(count: batch.count, threads: threads, chunk: 32) { range in
            range.map { TextFacts(batch[$0], encoder, isQuery: isQuery) }
        }
        for (document, facts) in zip(batch, facts) {
            let text = ExaminedText(
                ordinal: count, id: document.id, content: document.content,
                isEmpty: document.title.isEmpty && document.text.isEmpty, isRepeatedID: ids.first[facts.id] != nil,
                path: document.path, line: document.line, facts: facts)
            places.append(text)
            ids.visit(text)
            if hasTexts || !text.isEmpty {
                empty.visit(text)
                texts.visit(text)
                reach?.visit(text)
                languages.visit(text)
                damage.visit(text)
                if !texts.isRepeated(text) { near.visit(text) }
            }
            try visit(document, text)
        }
    }

    /// What was found; reads near duplicates again.
    /// - Throws: What reading throws.
    func findings(in path: String) throws -> [DoctorReport.Finding] {
        let checks: [(any TextCheck)?] = [ids, empty, texts, damage, reach, languages]
        var found = checks.compactMap { $0 }.flatMap { $0.findings(of: subject, in: path, places) }
        let candidates = near.candidates()
        if candidates.pairs.isEmpty { return found }
        guard sources.allSatisfy(\.canBeReadAgain) else {
            found.append(
                .init(
                    severity: .note, check: "near-duplicates", path: path,
                    summary:
                        "\(Figures.counted(candidates.pairs.count, "pair", "pairs")) of texts may be near duplicates; "
                        + "they were not compared, because standard input cannot be read twice.",
                    count: candidates.pairs.count, examples: [], fix: "Give the file by its name."))
            return found
        }
        return try found
            + near.findings(candidates, readAgain(candidates.texts), of: subject, in: path, places)
    }

    private func readAgain(_ wanted: Set<Int>) throws -> [Int: (shingles: Shingles, id: String, line: Int)] {
        var read: [Int: (shingles: Shingles, id: String, line: Int)] = [:]
        var ordinal = 0
        for source in sources {
            _ = try source.read { document in
                if wanted.contains(ordinal) {
                    read[ordinal] = (Shingles(WordHashes(document.content)), document.id, document.line)
                }
                ordinal += 1
            } fault: { _, _ in /* Told at the first reading. */
            }
        }
        return read
    }
}
