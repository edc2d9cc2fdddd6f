import ByteStrings
import InvertedIndex
import Synchronization

/// The texts and titles of one commit's documents by external id.
///
/// Ranking never reads it. A segment's file is opened when the first of its documents is wanted.
public final class DocumentStore: Sendable {
    private let snapshot: IndexSnapshot
    private let files = Mutex<[ObjectIdentifier: DocumentFile]>([:])

    init(_ snapshot: IndexSnapshot) { self.snapshot = snapshot }

    /// The documents with these ids; ids without a document are left out.
    /// - Throws: `IndexError` when a text is not what was written.
    public func documents(_ ids: [String]) throws -> [ByteString: StoredDocument] {
        var found: [ByteString: StoredDocument] = [:]
        for id in ids {
            guard let (segment, docid) = snapshot.find(id) else { continue }
            let stored = try file(of: segment)?.row(segment.row(docid)) ?? StoredText()
            found[ByteString(id)] = StoredDocument(id: id, stored)
        }
        return found
    }

    private func file(of segment: Segment) throws -> DocumentFile? {
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
}
