import CorpusFormats

/// Judgements by the hashes of their ids: 16 bytes and a table's overhead for each.
struct KnownJudgements {
    /// Query → document → grade.
    private(set) var grades: [UInt64: [UInt64: Int]] = [:]
    /// Judged queries in the order of reading.
    private(set) var queries: [(id: String, line: Int)] = []

    /// - Returns: The grade that was there before.
    mutating func insert(_ row: QrelsRows.Row, _ query: UInt64, _ document: UInt64, grade: Int) -> Int? {
        if grades[query] == nil { queries.append((row.query, row.line)) }
        return grades[query, default: [:]].updateValue(grade, forKey: document)
    }

    /// Both; where they differ, the other's grades.
    func merged(with other: KnownJudgements) -> KnownJudgements {
        var both = self
        both.queries += other.queries.filter { grades[TextHash($0.id).value] == nil }
        both.grades.merge(other.grades) { $0.merging($1) { $1 } }
        return both
    }

    func hasRelevant(_ query: UInt64) -> Bool { grades[query]?.values.contains { $0 > 0 } ?? false }
}

/// A file of judgements: its lines, its grades, and whether what it judges is there.
struct QrelsExamination {
    private let path: String
    private var unreadable: UnreadableLines
    private var conflicts = Tally()
    private var repeats = Tally()
    private var missingRelevant = Tally()
    private var missingOthers = Tally()
    private var gradeCounts: [Int: Int] = [:]
    private(set) var judgements = KnownJudgements()
    private(set) var count = 0
    private var found = 0
    /// The shape of the file, for people.
    private(set) var shape = ""

    init(_ path: String) {
        self.path = path
        unreadable = UnreadableLines(path)
    }

    /// Reads the file.
    /// - Parameter isDocument: Whether the corpus or the index has a document; nil where neither was given.
    mutating func read(isDocument: ((String) -> Bool)?) {
        do throws(FormatError) {
            let rows = try QrelsRows(path: path)
            while true {
                do throws(FormatError) {
                    guard let row = try rows.next() else { break }
                    try visit(row, isDocument)
                } catch {
                    guard error.isOfOneLine else { throw error }
                    unreadable.add(error, isEnd: false)
                }
            }
            shape = rows.format.description
            if count == 0 {
                throw .nothing(path: path, what: "judgements", found: "no line of it is one")
            }
        } catch {
            unreadable.add(error, isEnd: true)
        }
    }

    private mutating func visit(_ row: QrelsRows.Row, _ isDocument: ((String) -> Bool)?) throws(FormatError) {
        let grade = try row.grade(path: path)
        count += 1
        gradeCounts[grade, default: 0] += 1
        let (query, document) = (TextHash(row.query).value, TextHash(row.document).value)
        if let old = judgements.insert(row, query, document, grade: grade) {
            let example = DoctorReport.Example(
                line: row.line, id: row.query, "document '\(row.document)': \(grade) here, \(old) before")
            if old == grade { repeats.add(example) } else { conflicts.add(example) }
        }
        guard let isDocument else { return }
        if isDocument(row.document) {
            found += 1
        } else {
            let example = DoctorReport.Example(
                line: row.line, id: row.query, "document '\(row.document)' (grade \(grade)) is not there")
            if grade > 0 { missingRelevant.add(example) } else { missingOthers.add(example) }
        }
    }

    /// What was found.
    /// - Parameter topics: Whether a topic is there; nil where no topics were given.
    func findings(isTopic: ((String) -> Bool)?) -> [DoctorReport.Finding] {
        let (conflicts, repeats, missing, others) = (conflicts, repeats, missingRelevant, missingOthers)
        let none = found == 0 ? "Not one judged document is there: is it the right corpus, are ids spelled alike? " : ""
        return unreadable.findings
            + [
                conflicts.finding(
                    .fault, "conflicting-judgements", path,
                    "\(Figures.counted(conflicts.count, "line gives a pair", "lines give pairs")) of query and document another grade "
                        + "than before.", fix: "Keep one of each."),
                repeats.finding(
                    .note, "repeated-judgements", path,
                    "\(Figures.counted(repeats.count, "line repeats", "lines repeat")) a judgement."),
                missing.finding(
                    .fault, "relevant-documents-missing", path,
                    "\(Figures.counted(missing.count, "relevant document", "relevant documents")) of \(Figures.number(count)) "
                        + "judgements cannot be found: the corpus does not have them, so no run can reach the best values.",
                    fix: none + "Add the documents, or take the judgements out and say so."),
                others.finding(
                    .warning, "judged-documents-missing", path,
                    "\(Figures.counted(others.count, "document", "documents")) that \(others.count == 1 ? "is" : "are") judged not "
                        + "relevant cannot be found in the corpus.",
                    fix: none + "Harmless where the corpus is a part of the judged one; else check the ids."),
            ].compactMap { $0 } + ofQueries(isTopic) + [grades].compactMap { $0 }
    }

    private func ofQueries(_ isTopic: ((String) -> Bool)?) -> [DoctorReport.Finding] {
        var (unknown, fruitless) = (Tally(), Tally())
        for (id, line) in judgements.queries {
            if let isTopic, !isTopic(id) { unknown.add(.init(line: line, id: id, "no topic has this id")) }
            if !judgements.hasRelevant(TextHash(id).value) {
                fruitless.add(.init(line: line, id: id, "no document is relevant"))
            }
        }
        let none =
            unknown.count == judgements.queries.count
            ? "Not one judged query is among the topics: do the files belong together, are ids spelled alike? " : ""
        return [
            unknown.finding(
                .fault, "judged-queries-missing", path,
                "\(Figures.counted(unknown.count, "judged query is", "judged queries are")) not among the topics: each counts 0 in "
                    + "every mean.", fix: none + "Add the topics, or take the judgements out."),
            fruitless.finding(
                .warning, "queries-without-relevant-documents", path,
                "\(Figures.counted(fruitless.count, "judged query has", "judged queries have")) no relevant document and can only "
                    + "count 0.", fix: "Take them out, or judge more."),
        ].compactMap { $0 }
    }

    private var grades: DoctorReport.Finding? {
        guard count > 0 else { return nil }
        let shown = gradeCounts.sorted { $0.key < $1.key }.prefix(8)
            .map { "grade \($0.key) \(Figures.number($0.value))" }
        return DoctorReport.Finding(
            severity: .note, check: "grades", path: path,
            summary: "\(Figures.counted(judgements.queries.count, "query", "queries")) with "
                + "\(Figures.counted(count, "judgement", "judgements")): \(shown.joined(separator: ", ")).",
            count: count, examples: [])
    }
}
