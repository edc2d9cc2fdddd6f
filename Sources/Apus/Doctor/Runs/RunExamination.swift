import ByteStrings
import CorpusFormats

/// A run file: its lines, scores, ranks and depth, and whether what it names is there.
struct RunExamination {
    private let path: String
    private var unreadable: UnreadableLines
    private var rankings: [ExaminedRanking] = []
    private var missing = Tally()
    private var tags: [String] = []
    private(set) var count = 0
    private var format: RunFile.Format?

    init(_ path: String) {
        self.path = path
        unreadable = UnreadableLines(path)
    }

    /// Reads the file; 24 bytes a line are kept, so that a query's results may stand anywhere in it.
    /// - Parameter isDocument: Whether the corpus or the index has a document; nil where neither was given.
    mutating func read(isDocument: ((String) -> Bool)?) {
        var queries: [ByteString: Int] = [:]
        do throws(FormatError) {
            var rows = try RunRows(path: path)
            while true {
                do throws(FormatError) {
                    guard let row = try rows.next() else { break }
                    visit(row, &queries, isDocument)
                } catch {
                    guard error.isOfOneLine else { throw error }
                    unreadable.add(error, isEnd: false)
                }
            }
            format = rows.format
            if count == 0 { throw .nothing(path: path, what: "results", found: "no line of it is one") }
        } catch {
            unreadable.add(error, isEnd: true)
        }
    }

    private mutating func visit(
        _ row: RunRows.Row, _ queries: inout [ByteString: Int], _ isDocument: ((String) -> Bool)?
    ) {
        count += 1
        let place: Int
        if let last = rankings.last, ByteString(last.query) == ByteString(row.query) {
            place = rankings.count - 1
        } else {
            place = queries[ByteString(row.query)] ?? rankings.count
            if place == rankings.count {
                queries[ByteString(row.query)] = place
                rankings.append(ExaminedRanking(query: row.query))
            }
        }
        rankings[place].append(
            document: TextHash(row.document).value, score: row.score, rank: row.rank, line: row.line)
        if let isDocument, !isDocument(row.document) {
            missing.add(.init(line: row.line, id: row.query, "document '\(row.document)' is not there"))
        }
        if let tag = row.tag, tags.count < 3, !tags.contains(where: { ByteString($0) == ByteString(tag) }) {
            tags.append(tag)
        }
    }

    /// What was found.
    func findings(_ judgements: KnownJudgements?, isTopic: ((String) -> Bool)?) -> [DoctorReport.Finding] {
        var checks: [any RankingCheck] = [
            RepeatedResultCheck(), RankCheck(), CoverageCheck(judgements, isTopic: isTopic), DepthCheck(),
        ]
        // The scores of MS MARCO's runs are made of the ranks.
        if format != .marco { checks.insert(ScoreCheck(), at: 0) }
        for ranking in rankings {
            for place in checks.indices { checks[place].visit(ranking) }
        }
        let missing = missing
        var found = unreadable.findings
        if let finding = missing.finding(
            .fault, "results-not-in-the-corpus", path,
            "\(Figures.counted(missing.count, "result names a document", "results name documents")) that the corpus does not have.",
            fix: missing.count == count
                ? "Not one result is there: is it a run of this corpus, are ids spelled alike?"
                : "Is it a run of this corpus, or of another version of it?")
        {
            found.append(finding)
        }
        found += checks.flatMap { $0.findings(in: path) }
        if tags.count > 1 {
            found.append(
                .init(
                    severity: .warning, check: "several-tags", path: path,
                    summary:
                        "Its lines have different tags: \(tags.joined(separator: ", "))\(tags.count > 2 ? ", …" : "").",
                    count: tags.count, examples: [], fix: "Are several runs in one file? Split them."))
        }
        return found
    }
}
