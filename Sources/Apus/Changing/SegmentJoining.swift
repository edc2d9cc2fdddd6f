import InvertedIndex

/// Joins the segments of an index, and leaves out what was deleted.
///
/// ```swift
/// let report = try await SegmentJoining(to: 1).run("Indexes/mine")
/// print(report.segmentsBefore, "→", report.segments)
/// ```
public struct SegmentJoining: Sendable {
    /// What was done.
    public struct Report: Sendable, Codable {
        /// Segments before.
        public var segmentsBefore = 0
        /// Segments now.
        public var segments = 0
        /// Documents in the index.
        public var documents = 0
        /// Bytes of segments and texts before.
        public var bytesBefore = 0
        /// Bytes of segments and texts now.
        public var bytes = 0
        /// The number of the newest commit.
        public var commit = 0
        /// What a person should know although it was done, as sentences.
        public var warnings: [String] = []
    }

    /// Segments that may remain.
    public var most: Int
    /// Whether similar documents become neighbours in a joined segment.
    public var reorders = true
    /// Memory that it may take, in bytes; what joining would take beyond stays apart. Nil joins whatever it takes.
    public var memory: Int?

    /// Joins until at most this many segments remain.
    public init(to most: Int = 1) { self.most = most }

    /// Joins in one commit; readers go on with the commit that they hold.
    /// - Throws: `IndexError`; the index is then as it was.
    public func run(_ directory: String) async throws -> Report {
        let writer = try IndexWriter.open(
            at: directory, vocabulary: [], texts: DocumentFileWriter(), memoryBytes: memory)
        var report = Report()
        report.segmentsBefore = await writer.segmentCount
        report.bytesBefore = await writer.bytes
        if try await writer.merge(to: most, reorder: reorders) { try await writer.commit() }
        report.segments = await writer.segmentCount
        report.documents = await writer.documentCount
        report.bytes = await writer.bytes
        report.commit = await writer.newestCommit
        report.warnings = await writer.warnings
        return report
    }
}
