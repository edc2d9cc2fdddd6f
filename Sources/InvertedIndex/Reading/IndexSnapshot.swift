import ByteStrings
import FileStorage

/// The index at one commit. A snapshot never changes; it stays valid while later commits and merges happen, also when
/// they remove its files.
///
///     let snapshot = try IndexSnapshot.open("Indexes/mine")
///     let terms = [QueryTerm(term: "star", weight: 1), QueryTerm(term: "shine", weight: 1)]
///     let result = try snapshot.search(Query(field: .text, terms: terms), k: 10)
///     for hit in result.hits { print(hit.id, hit.score) }
///     print(result.certificate.isExact, try snapshot.documentFrequency(of: "star", field: .text))
public struct IndexSnapshot: Sendable {
    /// Where the index lies.
    public let directory: String
    /// The segments, oldest first.
    public let segments: [Segment]
    let commit: Commit
    /// The documents of each segment that were not deleted; nil for all of them.
    let live: [LiveDocuments?]
    /// The segments with the documents of them that count.
    public let views: [SegmentView]
    let global: GlobalStatistics
    let scratch: ScratchPool
    /// What multiplies the scores of documents.
    let boosts: [DocumentBoost]

    /// Keep the writer from removing the commit's files.
    private let holds: [SharedFile]

    init(directory: String, _ opened: OpenCommit) {
        self.directory = directory
        commit = opened.commit
        segments = opened.segments
        live = opened.live
        holds = opened.hold.map { [$0] } ?? []
        let scale = commit.learnedScale
        views = zip(segments, opened.live).map { SegmentView($0, $1, scale: scale) }
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
        live = snapshot.live
        holds = snapshot.holds
        scratch = snapshot.scratch
        self.views = views
        global = GlobalStatistics(
            views, learnedScale: commit.learnedScale, live: snapshot.global.live, collection: collection)
    }

    /// The documents of several indexes as those of one, with the numbers of all of them; each keeps its learned scale.
    /// - Parameter parts: At least one; no two may have a document with the same id, and all are made with the same settings, which
    ///   are then those of the first.
    public init(joining parts: [IndexSnapshot]) {
        precondition(!parts.isEmpty, "at least one index")
        directory = parts[0].directory
        commit = parts[0].commit
        segments = parts.flatMap(\.segments)
        live = parts.flatMap(\.live)
        holds = parts.flatMap(\.holds)
        views = parts.flatMap(\.views)
        global = GlobalStatistics(views, learnedScale: commit.learnedScale)
        scratch = ScratchPool(documents: segments.map(\.documents).max() ?? 0)
        boosts = []
    }

    /// The same commit with only some documents, as if the others had never been asked for; scores stay those of the whole
    /// collection.
    /// - Parameter sets: The documents that count of each segment, of those that counted before; nil for all of these.
    public func restricted(to sets: [DocumentSet?]) -> IndexSnapshot {
        precondition(sets.count == views.count, "one set for each segment")
        let views = zip(views, sets).map { $0.restricted(to: $1) }
        return IndexSnapshot(self, views: views, collection: global.collection)
    }

    /// The same documents, scored with the numbers of another collection, of which this one may be a part.
    public func scored(with collection: CollectionStatistics) -> IndexSnapshot {
        IndexSnapshot(self, views: views, collection: collection)
    }

    /// The numbers of this collection, with those of the terms of some queries.
    /// - Throws: ``IndexError/corrupt(path:detail:)``, where documents are deleted.
    public func collectionStatistics(for queries: [Query] = []) throws(IndexError) -> CollectionStatistics {
        var statistics = global.collection
        for query in queries {
            for term in query.terms {
                let (numbers, count) = try global.find(term.term, query.field)
                let key = ByteString(term.term)
                if query.field == .text {
                    statistics.text[key] = .init(documents: count)
                } else {
                    let largest = try global.largestWeight(of: term.term, numbers: numbers)
                    statistics.learned[key] = .init(documents: count, largestWeight: largest)
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

    /// The newest commit; this snapshot itself where that is the newest.
    /// - Throws: As ``open(_:generation:)``.
    /// - Complexity: O(files of the directory) when nothing changed; segments that stayed are not mapped anew.
    public func refreshed() throws(IndexError) -> IndexSnapshot {
        guard try IndexFolder(directory).commits.first != generation else { return self }
        return IndexSnapshot(directory: directory, try OpenCommit.open(directory, known: segments))
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
    /// How the lengths of document vectors are evened out; nil where they are as they came.
    public var norms: VectorNorms? { commit.norms }

    /// Whether learned vectors are stored as such.
    public var storesVectors: Bool { commit.storesVectors ?? false }
    /// Documents.
    public var documentCount: Int { views.reduce(0) { $0 + $1.count } }
    /// Segments.
    public var segmentCount: Int { segments.count }
    /// Ranges of 32 documents over all segments, the unit of ``SearchLimits/ranges``.
    public var rangeCount: Int { segments.reduce(0) { $0 + InvertedIndex.rangeCount(documents: $1.documents) } }

    /// Whether the index holds this document.
    public func contains(_ id: String) -> Bool { place(of: id) != nil }

    /// How many documents hold a term.
    /// - Throws: ``IndexError/corrupt(path:detail:)``, where documents are deleted.
    public func documentFrequency(of term: String, field: Field) throws(IndexError) -> Int {
        try global.find(term, field).documentFrequency
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
        place(of: id).map { (views[$0.segment].segment, Int($0.docid)) }
    }
}
