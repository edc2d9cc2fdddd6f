import ByteStrings
public import RetrievalEvaluation

/// Reads run files: TREC's `qid Q0 docid rank score tag`, the same without the tag or without `Q0`, and MS MARCO's `qid docid rank`.
public enum RunFile {
    /// The shape of a run file, as its first line tells it.
    public enum Format: String, Sendable {
        /// query, Q0, document, rank, score, tag
        case trec
        /// query, Q0, document, rank, score
        case untagged
        /// query, document, rank, score, tag
        case tagged
        /// query, document, rank, score
        case ranked
        /// query, document, rank; the score is the rank's negative
        case marco
        /// query, document, score
        case scored

        var names: [String] {
            switch self {
            case .trec: ["query", "Q0", "document", "rank", "score", "tag"]
            case .untagged: ["query", "Q0", "document", "rank", "score"]
            case .tagged: ["query", "document", "rank", "score", "tag"]
            case .ranked: ["query", "document", "rank", "score"]
            case .marco: ["query", "document", "rank"]
            case .scored: ["query", "document", "score"]
            }
        }

        /// What a person calls it.
        public var description: String {
            switch self {
            case .trec: "a TREC run"
            case .marco: "a run of MS MARCO's form (\(names.joined(separator: ", "))); scores are negative ranks"
            default: "a run in \(names.count) columns (\(names.joined(separator: ", ")))"
            }
        }
    }

    /// What a run file holds, and what was passed over in it.
    public struct Contents: Sendable {
        /// The run.
        public var run = Run(tag: "run")
        /// The shape.
        public var format = Format.trec
        /// Documents listed again for their query; the one with the highest score stayed.
        public var repeated = 0
        /// Lines that are comments or a header.
        public var comments = 0
    }

    /// One query's results, and on which lines they stand.
    private struct Ranking {
        var documents: [ScoredDocument] = []
        var lines: [UInt32] = []
    }

    /// Reads a run; the rank column is ignored where there are scores, as in trec_eval.
    ///
    /// - Throws: A ``FormatError`` with file and line, also for a document that is listed twice for a query.
    /// - Complexity: O(n log n) for n results.
    public static func read(_ path: String) throws(FormatError) -> Run { try contents(path).run }

    /// Reads a run and says what was understood.
    ///
    /// - Parameter dropsRepeated: Keeps the highest score of a document that is listed several times for a query, instead of refusing it.
    /// - Throws: A ``FormatError`` with file and line.
    /// - Complexity: O(n log n) for n results.
    public static func contents(_ path: String, dropsRepeated: Bool = false) throws(FormatError) -> Contents {
        var file = try ColumnFile(path: path)
        var contents = Contents()
        var (layout, tag): (Layout?, String?) = (nil, nil)
        var places: [ByteString: Int] = [:]
        var queries: [ByteString] = []
        var rankings: [Ranking] = []
        var (place, lastQuery): (Int, [UInt8]) = (-1, [])
        while try file.next() {
            if isRemark(file, layout) {
                contents.comments += 1
                continue
            }
            if layout == nil { layout = try Layout(file) }
            guard let shape = layout else { break }
            guard file.count == shape.format.names.count else {
                throw .wrongColumns(
                    path: path, line: file.lines.number,
                    expected: "\(shape.format.names.count) (\(shape.format.names.joined(separator: ", ")))",
                    found: file.count)
            }
            guard let number = file.number(shape.score) else {
                throw .badNumber(
                    path: path, line: file.lines.number, what: shape.format == .marco ? "rank" : "score",
                    found: file.string(shape.score))
            }
            // Runs go query by query, so the one of the line before is nearly always the right one.
            if place < 0 || !file.isSameAsBefore(0, &lastQuery) {
                let query = ByteString(file.string(0))
                place = places[query] ?? rankings.count
                if place == rankings.count {
                    places[query] = place
                    queries.append(query)
                    rankings.append(Ranking())
                }
            }
            let score = shape.format == .marco ? -number : number
            rankings[place].documents.append(ScoredDocument(id: file.string(shape.document), score: score))
            rankings[place].lines.append(UInt32(clamping: file.lines.number))
            if tag == nil { tag = shape.tag.map { file.string($0) } }
        }
        contents.format = layout?.format ?? .trec
        if dropsRepeated {
            for place in rankings.indices { contents.repeated += dropRepeated(&rankings[place].documents) }
        } else {
            try checkDuplicates(rankings, queries, path)
        }
        contents.run = Run(
            tag: tag ?? "run", rankings: Dictionary(uniqueKeysWithValues: zip(queries, rankings.map(\.documents))))
        return contents
    }

    /// Where the columns are.
    struct Layout {
        let format: Format
        let document: Int
        let score: Int
        let tag: Int?

        /// Where the rank is, in shapes that have one beside a score.
        var rank: Int? {
            switch format {
            case .trec, .untagged: 3
            case .tagged, .ranked: 2
            case .marco, .scored: nil
            }
        }

        init(_ file: ColumnFile) throws(FormatError) {
            let hasIteration = file.count > 1 && ["q0", "0"].contains(file.string(1).lowercased())
            switch file.count {
            case 6: (format, document, score, tag) = (.trec, 2, 4, 5)
            case 5 where hasIteration && file.number(4) != nil: (format, document, score, tag) = (.untagged, 2, 4, nil)
            case 5 where file.number(2) != nil && file.number(3) != nil:
                (format, document, score, tag) = (.tagged, 1, 3, 4)
            case 4 where file.number(2) != nil && file.number(3) != nil:
                (format, document, score, tag) = (.ranked, 1, 3, nil)
            // MS MARCO's rankings start with rank 1.
            case 3 where file.string(2) == "1": (format, document, score, tag) = (.marco, 1, 2, nil)
            case 3 where file.number(2) != nil: (format, document, score, tag) = (.scored, 1, 2, nil)
            default:
                throw .wrongColumns(
                    path: file.lines.path, line: file.lines.number,
                    expected: "6 (query, Q0, document, rank, score, tag)",
                    found: file.count)
            }
        }
    }

    /// A header before the first result, or a comment; a query's id may start with # too.
    static func isRemark(_ file: ColumnFile, _ layout: Layout?) -> Bool {
        if file.firstByte(0) == UInt8(ascii: "#"), file.count != layout?.format.names.count ?? 6 { return true }
        return layout == nil && file.count > 2 && file.isHeader
            && (2..<file.count).allSatisfy { file.number($0) == nil }
    }

    /// Keeps the highest score of each document, at its first place.
    private static func dropRepeated(_ documents: inout [ScoredDocument]) -> Int {
        var places: [ByteString: Int] = [:]
        var kept: [ScoredDocument] = []
        kept.reserveCapacity(documents.count)
        for document in documents {
            if let place = places[ByteString(document.id)] {
                kept[place].score = max(kept[place].score, document.score)
            } else {
                places[ByteString(document.id)] = kept.count
                kept.append(document)
            }
        }
        defer { documents = kept }
        return documents.count - kept.count
    }

    /// Looks query by query, so that the table of ids never holds more than one ranking.
    private static func checkDuplicates(
        _ rankings: [Ranking], _ queries: [ByteString], _ path: String
    ) throws(FormatError) {
        var earliest: (line: UInt32, query: Int, document: String, first: UInt32)?
        var table = DistinctTexts()
        for (place, ranking) in rankings.enumerated() where !table.areDistinct(ranking.documents) {
            var firstLines: [ByteString: UInt32] = [:]
            firstLines.reserveCapacity(ranking.documents.count)
            for (document, line) in zip(ranking.documents, ranking.lines) {
                guard let first = firstLines.updateValue(line, forKey: ByteString(document.id)) else { continue }
                if line < earliest?.line ?? .max { earliest = (line, place, document.id, first) }
                break
            }
        }
        guard let earliest else { return }
        throw .duplicate(
            path: path, line: Int(earliest.line),
            what: "document '\(earliest.document)' for query '\(queries[earliest.query])'", firstPath: path,
            firstLine: Int(earliest.first))
    }
}
