import FileStorage

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

    /// Keeps the writer from removing the commit's files.
    private let hold: SharedFile?

    init(directory: String, _ opened: OpenCommit) {
        self.directory = directory
        commit = opened.commit
        segments = opened.segments
        hold = opened.hold
        global = GlobalStatistics(segments, learnedScale: commit.learnedScale)
        scratch = ScratchPool(documents: segments.map(\.documents).max() ?? 0)
    }

    /// Opens the newest commit, or the one with this number.
    /// - Throws: ``IndexError``; no other commit answers in the place of a damaged one.
    /// - Complexity: O(terms + blocks + documents) to check the structure; postings are not read.
    public static func open(_ directory: String, generation: Int? = nil) throws(IndexError) -> IndexSnapshot {
        IndexSnapshot(directory: directory, try OpenCommit.open(directory, generation: generation))
    }

    /// The numbers of the commits that are there, newest first.
    /// - Throws: ``IndexError/notAnIndex(path:)``, ``IndexError/storage(_:)``.
    public static func generations(in directory: String) throws(IndexError) -> [Int] {
        try IndexFolder(directory).commits
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

    /// Reads every file of the commit, texts included, and compares it with its checksums.
    /// - Throws: ``IndexError/corrupt(path:detail:)`` for the first that differs.
    public func verifyChecksums() throws(IndexError) {
        for segment in segments {
            try segment.verify()
            try segment.verifyTexts()
        }
    }

    /// Where a document is, or nil when there is none with this id.
    public func find(_ id: String) -> (segment: Segment, docid: Int)? {
        for segment in segments {
            if let docid = segment.docid(of: id) { return (segment, docid) }
        }
        return nil
    }
}
