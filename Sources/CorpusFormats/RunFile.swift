import ByteStrings
import Foundation
import ParallelWork
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
        var contents = Contents()
        var part: RunPart
        if let read = RunPart.readSideBySide(path) { part = read } else { part = try RunPart(ColumnFile(path: path)) }
        contents.format = part.layout?.format ?? .trec
        contents.comments = part.comments
        if dropsRepeated {
            for place in part.rankings.indices {
                contents.repeated += dropRepeated(&part.rankings[place].documents)
            }
        } else {
            try checkDuplicates(part.rankings, part.queries, path)
        }
        let rankings = part.rankings.map(\.documents)
        contents.run = Run(
            tag: part.tag ?? "run", rankings: Dictionary(uniqueKeysWithValues: zip(part.queries, rankings)))
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

    /// A document that is listed again.
    private struct Repetition {
        let line: UInt32
        let query: Int
        let document: String
        let first: UInt32
    }

    private static func repetition(in ranking: RunPart.Ranking, _ query: Int) -> Repetition? {
        var firstLines: [ByteString: UInt32] = [:]
        firstLines.reserveCapacity(ranking.documents.count)
        for (document, line) in zip(ranking.documents, ranking.lines) {
            guard let first = firstLines.updateValue(line, forKey: ByteString(document.id)) else { continue }
            return Repetition(line: line, query: query, document: document.id, first: first)
        }
        return nil
    }

    /// Looks query by query, so that a table of ids never holds more than one ranking.
    private static func checkDuplicates(
        _ rankings: [RunPart.Ranking], _ queries: [ByteString], _ path: String
    ) throws(FormatError) {
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let found = ParallelMap.map(count: rankings.count, threads: cores, chunk: 256) { range in
            var table = DistinctTexts()
            return range.compactMap { query in
                table.areDistinct(rankings[query].documents) ? nil : repetition(in: rankings[query], query)
            }
        }
        let earliest = found.min { $0.line < $1.line }
        guard let earliest else { return }
        throw .duplicate(
            path: path, line: Int(earliest.line),
            what: "document '\(earliest.document)' for query '\(queries[earliest.query])'", firstPath: path,
            firstLine: Int(earliest.first))
    }
}
