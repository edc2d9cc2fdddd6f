import InvertedIndex

/// Deletes documents from an index.
///
/// ```swift
/// let report = try await DocumentDeletion(of: ["doc-17", "doc-18"]).run("Indexes/mine")
/// print(report.deleted, "deleted,", report.unknown, "unknown")
/// ```
///
/// From the next commit on the documents are gone for every reader that opens or refreshes the index, and scores are those of an
/// index that never held them.
public struct DocumentDeletion: Sendable {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// Documents added: none.
        public var added = 0
        /// Documents replaced: none.
        public var replaced = 0
        /// Documents deleted.
        public var deleted = 0
        /// Ids that no document had.
        public var unknown = 0
        /// Documents in the index now.
        public var documents = 0
        /// The number of the newest commit.
        public var commit = 0
        /// Segments of the index now.
        public var segments = 0
        /// What a person should know although it was done, as sentences.
        public var warnings: [String] = []
    }

    /// The ids of the documents; each counts once.
    public var ids: [String]
    /// Whether an id that no document has is an error, and nothing is deleted then.
    public var isStrict = false

    /// Documents that this lets through are deleted too, as they are when the write lock is held.
    public var filter: Filter?

    /// A deletion of the documents with these ids.
    public init(of ids: [String]) { self.ids = ids }

    /// Deletes in one commit, and then joins segments of which little is left.
    /// - Throws: `IndexError`; ``ApusError/noDocument(id:index:)`` when it is strict and an id is unknown.
    public func run(_ directory: String) async throws -> Report {
        let writer = try IndexWriter.open(at: directory, vocabulary: [], texts: DocumentFileWriter())
        guard let filter else { return try await run(writer, directory) }
        var deletion = self
        deletion.ids += try SearchIndex(directory).ids(matching: filter)
        return try await deletion.run(writer, directory)
    }

    func run(_ writer: IndexWriter, _ directory: String) async throws -> Report {
        if isStrict, let place = await writer.contains(ids).firstIndex(of: false) {
            throw ApusError.noDocument(id: ids[place], index: directory)
        }
        var report = Report()
        let found = try await writer.delete(ids)
        report.deleted = found.count { $0 }
        report.unknown = found.count - report.deleted
        if report.deleted > 0 {
            try await writer.commit()
            // The deletion stands whatever becomes of this; it is tried again by the next change.
            do { if try await writer.mergeAsNeeded(reorder: true) { try await writer.commit() } } catch {
                report.warnings.append("The documents are deleted, but segments could not be joined: \(error)")
            }
        }
        report.documents = await writer.documentCount
        report.commit = await writer.newestCommit
        report.segments = await writer.segmentCount
        report.warnings += await writer.warnings
        return report
    }
}
