public import ByteStrings
public import CorpusFormats
import FileStorage
package import InvertedIndex
import Synchronization

/// Writes the texts of a new index, for other modules of this package.
package func segmentTextsWriter() -> any SegmentTextsWriter { DocumentFileWriter(filterable: []) }

/// The texts and titles of one commit's documents by external id.
///
/// Ranking never reads it. A segment's file is opened when the first of its documents is wanted.
public final class DocumentStore: Sendable {
    let snapshot: IndexSnapshot
    private let files: Mutex<[ObjectIdentifier: DocumentFile]>

    /// - Parameter before: The store of another commit, whose open files are taken where segments stayed.
    init(_ snapshot: IndexSnapshot, before: DocumentStore? = nil) {
        self.snapshot = snapshot
        let kept = Set(snapshot.segments.map(ObjectIdentifier.init))
        files = Mutex(before?.files.withLock { $0.filter { kept.contains($0.key) } } ?? [:])
    }

    /// The documents with these ids; ids without a document are left out.
    ///
    /// Each segment's file is visited once, whatever the number of its documents.
    /// - Throws: `IndexError` when a text is not what was written.
    public func documents(_ ids: [String]) throws -> [ByteString: CorpusDocument] {
        var found: [ByteString: CorpusDocument] = [:]
        found.reserveCapacity(ids.count)
        var wanted: [ObjectIdentifier: (segment: Segment, ids: [String], rows: [UInt32])] = [:]
        for id in ids {
            guard let (segment, docid) = snapshot.find(id) else { continue }
            let row = segment.row(docid)
            wanted[ObjectIdentifier(segment), default: (segment, [], [])].ids.append(id)
            wanted[ObjectIdentifier(segment)]?.rows.append(row)
        }
        for (segment, ids, rows) in wanted.values {
            let texts = try file(of: segment)?.rows(rows)
            for (place, id) in ids.enumerated() {
                found[ByteString(id)] = CorpusDocument(id: id, texts?[place] ?? StoredText())
            }
        }
        return found
    }

    /// The text of a document; an empty one where the index keeps none.
    func text(of segment: Segment, docid: Int) throws -> StoredText {
        try file(of: segment)?.row(segment.row(docid)) ?? StoredText()
    }

    /// The same, for other modules of this package.
    package func stored(of segment: Segment, docid: Int) throws -> StoredText { try text(of: segment, docid: docid) }

    func file(of segment: Segment) throws -> DocumentFile? {
        guard let texts = segment.texts else { return nil }
        return try files.withLock { files in
            if let open = files[ObjectIdentifier(segment)] { return open }
            let file = try DocumentFile(texts)
            files[ObjectIdentifier(segment)] = file
            return file
        }
    }

    /// Bytes of all files.
    public var bytes: Int { snapshot.segments.reduce(0) { $0 + ($1.entry.texts?.bytes ?? 0) } }

    /// The first document of a damaged file of texts whose text is not what was written; nil where all of them are.
    func firstDamage(in path: String) -> (id: String, detail: String)? {
        for segment in snapshot.segments where segment.texts?.path == path {
            guard let file = try? file(of: segment) else { return nil }
            for docid in 0..<UInt32(segment.documents) {
                do throws(IndexError) { _ = try file.row(segment.row(Int(docid))) } catch {
                    guard case .corrupt(_, let detail) = error else { return nil }
                    return (segment.externalID(docid), detail)
                }
            }
        }
        return nil
    }
}

extension SearchIndex {
    /// Reads every file of the commit, texts included, and compares it with its checksums.
    /// - Throws: `IndexError` for the first that differs, with the place; of texts the document.
    public func verify() throws {
        do throws(IndexError) { try snapshot.verifyChecksums() } catch {
            guard case .storage(.malformed(let path, let detail)) = error else { throw error }
            let found = documents.firstDamage(in: path)
            let place = found.map { "; \($0.detail), the text of the document '\($0.id)'" } ?? "; no text is changed"
            throw IndexError.corrupt(path: path, detail: path.hasSuffix(".sqlite") ? detail + place : detail)
        }
    }
}
