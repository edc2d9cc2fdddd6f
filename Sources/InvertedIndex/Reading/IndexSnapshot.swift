import ByteStrings
import FileStorage

/// The index at one commit. A snapshot never changes; it stays valid while later commits and merges happen, also when
/// they remove its files.
public struct IndexSnapshot: Sendable {
    /// Where the index lies.
    public let directory: String
    /// The segments, oldest first.
    public let segments: [Segment]
    let commit: Commit
    /// The segments with the documents of them that count.
    public let views: [SegmentView]
    let global: GlobalStatistics
    let scratch: ScratchPool
    /// What multiplies the scores of documents.
    let boosts: [DocumentBoost]

    /// Keeps the writer from removing the commit's files.
    private let hold: SharedFile?

    init(directory: String, _ opened: OpenCommit) {
        self.directory = directory
        commit = opened.commit
        segments = opened.segments
        hold = opened.hold
        views = segments.map { SegmentView(segment: $0, documents: nil) }
        global = GlobalStatistics(views, learnedScale: commit.learnedScale)
        scratch = ScratchPool(documents: segments.map(\.documents).max() ?? 0)
        boosts = []
    }

    init(
        _ snapshot: IndexSnapshot, views: [SegmentView], collection: CollectionStatistics,
        boosts: [DocumentBoost]? = nil
    ) {
        self.boosts = boosts ?? snapshot.boosts
        directory = snapshot.directory
        commit = snapshot.commit
        segments = snapshot.segments
        hold = snapshot.hold
        scratch = snapshot.scratch
        self.views = views
        global = GlobalStatistics(views, learnedScale: commit.learnedScale, collection: collection)
    }

    /// The same commit with only some documents, as if the others had never been asked for; scores stay those of the whole
    /// collection.
    /// - Parameter sets: The documents that count of each segment; nil for all that counted before.
    public func restricted(to sets: [DocumentSet?]) -> IndexSnapshot {
        precondition(sets.count == views.count, "one set for each segment")
        let views = zip(views, sets).map { SegmentView(segment: $0.segment, documents: $1 ?? $0.documents) }
        return IndexSnapshot(self, views: views, collection: global.collection)
    }

    /// The same documents, scored with the numbers of another collection, of which this one may be a part.
    public func scored(with collection: CollectionStatistics) -> IndexSnapshot {
        IndexSnapshot(self, views: views, collection: collection)
    }

    /// The numbers of this collection, with those of the terms of some queries.
    public func collectionStatistics(for queries: [Query] = []) -> CollectionStatistics {
        var statistics = global.collection
        for query in queries {
            for term in query.terms {
                let (numbers, count) = global.find(term.term, query.field)
                let key = ByteString(term.term)
                if query.field == .text {
                    statistics.text[key] = .init(documents: count)
                } else {
                    let largest = global.largestImpact(of: term.term, numbers: numbers)
                    statistics.learned[key] = .init(documents: count, largestImpact: largest)
                }
            }
        }
        return statistics
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
    public var documentCount: Int { views.reduce(0) { $0 + $1.count } }
    /// Segments.
    public var segmentCount: Int { segments.count }
    /// Ranges of 32 documents over all segments, the unit of ``SearchLimits/ranges``.
    public var rangeCount: Int { segments.reduce(0) { $0 + InvertedIndex.rangeCount(documents: $1.documents) } }

    /// Whether the index holds this document.
    public func contains(_ id: String) -> Bool { views.contains { $0.docid(of: id) != nil } }

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
        for view in views {
            if let docid = view.docid(of: id) { return (view.segment, docid) }
        }
        return nil
    }
}
