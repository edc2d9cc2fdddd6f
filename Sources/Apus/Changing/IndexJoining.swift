import InvertedIndex

/// Makes one index of several, which stay as they are.
///
/// ```swift
/// let report = try await IndexJoining().run(["Indexes/a", "Indexes/b"], to: "Indexes/all")
/// print(report.documents, "documents in", report.segments, "segments")
/// ```
///
/// Segments are taken over by hard links where the file system allows, so that joining takes no time and no room; each keeps its
/// learned scale, and documents that were deleted stay deleted. Every answer is that of an index built of all documents at once
/// with the same scale. An index is there when all of it is: an interrupted join leaves nothing that opens, and can be run again.
public struct IndexJoining: Sendable {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// Indexes joined.
        public var indexes = 0
        /// Documents of the new index.
        public var documents = 0
        /// Documents left out because a later index has one with the same id.
        public var replaced = 0
        /// Segments of the new index.
        public var segments = 0
        /// Its bytes, texts included.
        public var bytes = 0
        /// Files that share their bytes with a part by a hard link.
        public var linked = 0
        /// Files that were copied.
        public var copied = 0
        /// The number of its newest commit.
        public var commit = 0
        /// What a person should know although it was done, as sentences.
        public var warnings: [String] = []
    }

    /// Whether of documents with the same id the one of the later index is taken; else they are refused.
    public var replacesKnown = false
    /// Whether every file is copied, and the copy compared with its checksums.
    public var copies = false
    /// Segments that may remain; nil leaves all of them as they are.
    public var most: Int?
    /// Whether similar documents become neighbours in a segment that is joined.
    public var reorders = true
    /// Memory that joining segments may take, in bytes; nil joins whatever it takes.
    public var memory: Int?

    /// Joins as they are.
    public init() {}

    /// Joins indexes, in this order, in one commit; segments are joined in another one after it.
    /// - Parameters:
    ///   - parts: Their directories; their newest commits are taken, whatever writers do meanwhile.
    ///   - directory: Not there yet, or empty.
    ///   - progress: Called before each index with its place.
    /// - Throws: ``ApusError``, `IndexError`; nothing is left in `directory` then, unless the first commit was made.
    public func run(
        _ parts: [String], to directory: String, progress: (Int) -> Void = { _ in }
    ) async throws -> Report {
        let opened = try parts.map { (directory: $0, snapshot: try IndexSnapshot.open($0)) }
        guard let first = opened.first else { return Report() }
        var settings = try IndexSettings(of: first.snapshot, directory: first.directory)
        for part in opened {
            guard try IndexSettings(of: part.snapshot, directory: part.directory).isComplete else {
                throw ApusError.unfinishedPart(path: part.directory)
            }
        }
        try IndexAgreement.check(opened)
        let repeated = RepeatedIDs(opened.map(\.snapshot))
        if let same = repeated.first, !replacesKnown {
            throw ApusError.repeatedDocument(id: same.id, first: parts[same.first], second: parts[same.second])
        }
        let lock = try WriteLock(directory)
        switch try lock.contents() {
        case .index: throw IndexError.alreadyAnIndex(path: directory)
        case .others: throw ApusError.notEmpty(path: directory)
        case .nothing: break
        }
        settings.isComplete = true
        let standard = opened.first { $0.snapshot.norms?.mean != nil } ?? first
        let writer = try IndexWriter.joining(
            lock, like: standard.snapshot, learnedScale: opened.lazy.compactMap(\.snapshot.learnedScale).first,
            metadata: settings.metadata, texts: DocumentFileWriter(filterable: settings.filterable), memoryBytes: memory
        )
        var report = Report()
        for (place, part) in opened.enumerated() {
            progress(place)
            let taken = try await writer.takeOver(part.snapshot, without: repeated.replaced[place], copies: copies)
            report.linked += taken.linked
            report.copied += taken.copied
        }
        try await writer.commit()
        if let most, try await writer.merge(to: most, reorder: reorders) { try await writer.commit() }
        report.indexes = parts.count
        report.replaced = repeated.replaced.reduce(0) { $0 + $1.count }
        report.documents = await writer.documentCount
        report.segments = await writer.segmentCount
        report.bytes = await writer.bytes
        report.commit = await writer.newestCommit
        report.warnings = await writer.warnings
        return report
    }
}
