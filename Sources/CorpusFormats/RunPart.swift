import ByteStrings
import Foundation
import ParallelWork
import RetrievalEvaluation

/// The results of a run file, or of a part of one, in the order of its lines.
struct RunPart: Sendable {
    /// One query's results, and on which lines they stand.
    struct Ranking: Sendable, Equatable {
        var documents: [ScoredDocument] = []
        var lines: [UInt32] = []
    }

    /// In the order in which they come first.
    private(set) var queries: [ByteString] = []
    var rankings: [Ranking] = []
    private(set) var layout: RunFile.Layout?
    private(set) var tag: String?
    /// Lines that are comments or a header.
    private(set) var comments = 0
    private var places: [ByteString: Int] = [:]
    private var lines = 0

    /// Reads lines to their end.
    /// - Parameter layout: Where the columns are; nil when the first result tells it.
    /// - Throws: A ``FormatError`` with file and line.
    init(_ opened: ColumnFile, layout: RunFile.Layout? = nil) throws(FormatError) {
        var file = opened
        self.layout = layout
        let path = file.lines.path
        var (place, lastQuery): (Int, [UInt8]) = (-1, [])
        while try file.next() {
            if RunFile.isRemark(file, self.layout) {
                comments += 1
                continue
            }
            if self.layout == nil { self.layout = try RunFile.Layout(file) }
            guard let shape = self.layout else { break }
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
                place = self.place(of: ByteString(file.string(0)), likely: place < 0 ? 0 : rankings[place].lines.count)
            }
            let score = shape.format == .marco ? -number : number
            rankings[place].documents.append(ScoredDocument(id: file.string(shape.document), score: score))
            rankings[place].lines.append(UInt32(clamping: file.lines.number))
            if tag == nil { tag = shape.tag.map { file.string($0) } }
        }
        lines = file.lines.number
    }

    /// - Parameter likely: How many results a new query may have.
    private mutating func place(of query: ByteString, likely: Int) -> Int {
        if let place = places[query] { return place }
        places[query] = rankings.count
        queries.append(query)
        rankings.append(Ranking())
        rankings[rankings.count - 1].documents.reserveCapacity(likely)
        rankings[rankings.count - 1].lines.reserveCapacity(likely)
        return rankings.count - 1
    }

    /// Files with fewer bytes are read by one thread.
    static let fewestBytes = 4 << 20

    /// Reads a large file's parts on all cores.
    /// - Returns: What reading it from its beginning to its end gives; nil where the file is small, a pipe or compressed, and where
    ///   something is wrong with it: then its lines have to be counted from the beginning.
    static func readSideBySide(
        _ path: String, fewestBytes: Int = fewestBytes, parts: Int = ProcessInfo.processInfo.activeProcessorCount
    ) -> RunPart? {
        guard parts > 1, path != "-", let size = LineParts.bytes(of: path), size >= fewestBytes,
            var file = try? ColumnFile(path: path), file.lines.isPlainFile
        else { return nil }
        var layout: RunFile.Layout?
        while layout == nil {
            guard (try? file.next()) == true else { return nil }
            if !RunFile.isRemark(file, nil) {
                guard let found = try? RunFile.Layout(file) else { return nil }
                layout = found
            }
        }
        guard let ranges = LineParts.cut(path, bytes: size, into: parts) else { return nil }
        let (isQuoted, known) = (file.isQuoted, layout)
        let read = ParallelMap.map(count: ranges.count, threads: parts, chunk: 1) { numbers in
            numbers.map { number -> RunPart? in
                // The first part may begin with a mark of the byte order and a header, and is found to have the same shape.
                let isFirst = number == 0
                let part = try? ColumnFile(path: path, part: ranges[number], isQuoted: isFirst ? nil : isQuoted)
                return part.flatMap { try? RunPart($0, layout: isFirst ? nil : known) }
            }
        }
        guard var whole = read.first.flatMap({ $0 }) else { return nil }
        for part in read.dropFirst() {
            guard let part else { return nil }
            whole.append(part)
        }
        return whole
    }

    /// Takes what stands behind.
    private mutating func append(_ part: RunPart) {
        for (query, ranking) in zip(part.queries, part.rankings) {
            let place = place(of: query, likely: 0)
            let moved = ranking.lines.map { UInt32(clamping: Int($0) + lines) }
            if rankings[place].documents.isEmpty {
                rankings[place] = Ranking(documents: ranking.documents, lines: moved)
            } else {
                rankings[place].documents += ranking.documents
                rankings[place].lines += moved
            }
        }
        layout = layout ?? part.layout
        tag = tag ?? part.tag
        comments += part.comments
        lines += part.lines
    }
}
