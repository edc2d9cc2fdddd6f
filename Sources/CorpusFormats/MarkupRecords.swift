/// Cuts a file into its `<DOC>…</DOC>` records, which may span lines or share one; capitals do not matter.
///
/// A record ends at its own closing tag only. Where another record begins before it, or parts of one stand outside, a tag is
/// missing: that is refused, because texts would run into each other or be lost.
final class MarkupRecords {
    struct Record {
        /// The opening tag.
        var tag: [UInt8]
        /// What stands between the tags.
        var body: [UInt8] = []
        /// Where the opening tag stands, from 1.
        var line: Int
    }

    let lines: LineReader
    private static let name = Array("doc".utf8)
    private static let idName = Array("docno".utf8)
    /// What is left of the current line.
    private var rest = 0..<0
    private var lineStart = 0

    init(_ lines: LineReader) { self.lines = lines }

    /// The next record, or nil at the end.
    func next() throws(FormatError) -> Record? {
        var record: Record?
        while true {
            if try step(&record), let record {
                if isBlank(rest) {
                    rest = 0..<0
                    lines.forgetLongLine()
                }
                return record
            }
            guard let line = try lines.next() else {
                rest = 0..<0
                if let record { throw .unclosed(path: lines.path, line: record.line, tag: "</DOC>") }
                return nil
            }
            rest = line
            lineStart = line.lowerBound
        }
    }

    /// Reads on in the current line.
    ///
    /// - Returns: Whether the record is whole; what stands behind it is still in `rest`.
    private func step(_ record: inout Record?) throws(FormatError) -> Bool {
        let (path, end) = (lines.path, rest.upperBound)
        var (at, copied) = (rest.lowerBound, rest.lowerBound)
        while let open = lines.first(0x3C, in: at..<end) {
            at = open + 1
            let isClosing = at < end && lines.buffer[at] == UInt8(ascii: "/")
            if record == nil, tagEnd(Self.idName, at: at, end) != nil {
                throw .unopened(path: path, line: lines.number, tag: "<DOCNO>", opening: "<DOC>")
            }
            guard let nameEnd = tagEnd(Self.name, at: isClosing ? at + 1 : at, end) else { continue }
            let close = lines.first(0x3E, in: nameEnd..<end)
            if isClosing {
                guard let close else { continue }
                guard record != nil else {
                    throw .unopened(path: path, line: lines.number, tag: "</DOC>", opening: "<DOC>")
                }
                record?.body.append(contentsOf: lines.buffer[copied..<open])
                rest = close + 1..<end
                return true
            }
            if let outer = record {
                if let close, isNext(open, close, outer, end) {
                    throw .neverClosed(
                        path: path, line: outer.line, tag: "<DOC>", before: "the next <DOC> on line \(lines.number)")
                }
                continue
            }
            record = Record(tag: Array(lines.buffer[open..<(close ?? end - 1) + 1]), line: lines.number)
            // A tag may go on behind the end of its line.
            if close == nil { return try finishTag(&record) }
            at = (close ?? end) + 1
            copied = at
        }
        if record != nil {
            record?.body.append(contentsOf: lines.buffer[copied..<end])
            record?.body.append(0x0A)
            guard (record?.body.count ?? 0) < LineReader.limit else {
                throw .documentTooLong(path: path, line: record?.line ?? lines.number, limit: LineReader.limit)
            }
        }
        rest = 0..<0
        return false
    }

    private func finishTag(_ record: inout Record?) throws(FormatError) -> Bool {
        let line = record?.line ?? lines.number
        while let next = try lines.next() {
            lineStart = next.lowerBound
            record?.tag.append(0x20)
            if let close = lines.first(0x3E, in: next) {
                record?.tag.append(contentsOf: lines.buffer[next.lowerBound...close])
                rest = close + 1..<next.upperBound
                return try step(&record)
            }
            record?.tag.append(contentsOf: lines.buffer[next])
            guard (record?.tag.count ?? 0) < 1 << 16 else { break }
        }
        throw .unclosed(path: lines.path, line: line, tag: "the '>' of <DOC")
    }

    /// Whether a `<DOC>` inside a record is the start of the next one, and not a word of a text about markup: an id follows, or
    /// it stands at the start of its line and is spelled like the record's own.
    private func isNext(_ open: Int, _ close: Int, _ outer: Record, _ end: Int) -> Bool {
        let behind = (close + 1..<end).first { !Markup.isSpace(lines.buffer[$0]) }
        if let behind, lines.buffer[behind] == 0x3C, tagEnd(Self.idName, at: behind + 1, end) != nil { return true }
        return isBlank(lineStart..<open)
            && lines.buffer[open..<min(end, open + 4)].elementsEqual(outer.tag.prefix(4))
    }

    /// The place behind a tag's name, when it is this one.
    private func tagEnd(_ name: [UInt8], at start: Int, _ end: Int) -> Int? {
        let stop = start + name.count
        guard stop <= end, zip(name, start..<stop).allSatisfy({ $0 == Markup.lowercased(lines.buffer[$1]) }) else {
            return nil
        }
        guard stop < end else { return stop }
        return lines.buffer[stop] == 0x3E || Markup.isSpace(lines.buffer[stop]) ? stop : nil
    }

    private func isBlank(_ range: Range<Int>) -> Bool { range.allSatisfy { Markup.isSpace(lines.buffer[$0]) } }
}
