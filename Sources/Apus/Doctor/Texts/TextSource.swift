import CorpusFormats
import InvertedIndex

/// Documents or queries of one place, one at a time; a line that cannot be read is told and passed over.
///
/// The same source can be read several times, unless it is standard input.
struct TextSource {
    let place: DoctorPlace
    /// The index, where the place is one.
    var index: SearchIndex?

    var canBeReadAgain: Bool { place.path != "-" }

    /// Reads everything.
    /// - Parameters:
    ///   - body: Gets each record.
    ///   - fault: Gets what is wrong with a line, or with the file, which then is the end of reading.
    /// - Returns: What was passed over on purpose, a sentence each.
    /// - Throws: `IndexError` for an index; what `body` throws.
    func read(
        _ body: (CorpusDocument) throws -> Void, fault: (_ error: FormatError, _ isEnd: Bool) -> Void
    ) throws -> [String] {
        if let index {
            try read(index, body)
            return []
        }
        do {
            switch place.kind {
            case .topics:
                let reader = try TopicReader(path: place.path)
                return try each(reader.isOfLines, body, fault) { () throws(FormatError) in
                    guard let (topic, line) = try reader.next() else { return nil }
                    var document = CorpusDocument(id: topic.id, text: topic.text, line: line)
                    document.path = place.path
                    return document
                } ?? []
            case .vectors:
                let reader = try VectorReader(path: place.path)
                return try each(true, body, fault) { () throws(FormatError) in
                    try reader.next().map { CorpusDocument($0, path: place.path) }
                } ?? []
            default:
                let reader = try CorpusReader(path: place.path, format: place.format)
                return try each(reader.isOfLines, body, fault) { () throws(FormatError) in
                    var document = try reader.next()
                    document?.path = reader.currentPath
                    return document
                } ?? reader.notes
            }
        } catch let error as FormatError {
            fault(error, true)
            return []
        }
    }

    /// - Returns: Nil when everything was read.
    private func each(
        _ isOfLines: Bool, _ body: (CorpusDocument) throws -> Void,
        _ fault: (_ error: FormatError, _ isEnd: Bool) -> Void,
        _ next: () throws(FormatError) -> CorpusDocument?
    ) throws -> [String]? {
        while true {
            let document: CorpusDocument
            do throws(FormatError) {
                guard let found = try next() else { return nil }
                document = found
            } catch {
                guard isOfLines, error.isOfOneLine else { throw error }
                fault(error, false)
                continue
            }
            try body(document)
        }
    }

    private func read(_ index: SearchIndex, _ body: (CorpusDocument) throws -> Void) throws {
        for view in index.snapshot.views {
            // Rows are in the order of the input, docids may not be.
            let docids = (0..<UInt32(view.segment.documents)).filter { view.documents?.contains($0) ?? true }
            for docid in docids.sorted(by: { view.segment.row(Int($0)) < view.segment.row(Int($1)) }) {
                let stored = try index.documents.text(of: view.segment, docid: Int(docid))
                var document = CorpusDocument(id: view.segment.externalID(docid), stored)
                document.path = place.path
                try body(document)
            }
        }
    }
}
