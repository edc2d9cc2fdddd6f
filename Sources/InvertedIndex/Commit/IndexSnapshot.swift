/// The index at one commit. A snapshot never changes; it stays valid while later commits and merges happen, also when
/// they remove its files.
public struct IndexSnapshot: Sendable {
    /// Where the index lies.
    public let directory: String
    /// The segments, oldest first.
    public let segments: [Segment]
    let commit: Commit
    let global: GlobalStatistics
    let scratch: ScratchPool

    init(directory: String, commit: Commit, segments: [Segment]) {
        self.directory = directory
        self.commit = commit
        self.segments = segments
        global = GlobalStatistics(segments, learnedScale: commit.learnedScale)
        scratch = ScratchPool(documents: segments.map(\.documents).max() ?? 0)
    }

    /// Opens the newest commit that is whole.
    /// - Throws: ``IndexError``.
    /// - Complexity: O(terms + blocks) to check the structure; postings are not read.
    public static func open(_ directory: String) throws(IndexError) -> IndexSnapshot {
        let (commit, segments) = try Commit.newest(in: directory)
        return IndexSnapshot(directory: directory, commit: commit, segments: segments)
    }

    /// The number of the commit.
    public var generation: Int { commit.generation }
    /// Pairs that the writer stored.
    public var metadata: [String: String] { commit.metadata }
    /// What the learned field spends on an impact.
    public var profile: IndexProfile { commit.profile }
    /// Documents.
    public var documentCount: Int { global.documents }
    /// Segments.
    public var segmentCount: Int { segments.count }
    /// Ranges of 32 documents over all segments, the unit of ``SearchLimits/ranges``.
    public var rangeCount: Int { segments.reduce(0) { $0 + InvertedIndex.rangeCount(documents: $1.documents) } }

    /// Whether the index holds this document.
    public func contains(_ id: String) -> Bool { segments.contains { $0.docid(of: id) != nil } }

    /// How many documents hold a term.
    public func documentFrequency(of term: String, field: Field) -> Int {
        global.documentFrequency(of: term, field: field)
    }

    /// Reads every file of the commit and compares its checksum.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` for the first that differs.
    public func verifyChecksums() throws(IndexError) {
        for segment in segments { try segment.verifyChecksum() }
    }
}
