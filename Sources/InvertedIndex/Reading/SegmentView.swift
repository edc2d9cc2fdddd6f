/// A segment as it is searched: with the documents of it that count.
///
/// A snapshot is a list of views; hiding documents makes another list of the same segments. A document that does not count is
/// either deleted, then the collection's numbers are those of the others, or only left out of an answer by a filter.
public struct SegmentView: Sendable {
    /// The mapped segment.
    public let segment: Segment
    /// The documents that were not deleted, whose numbers the collection's are; nil for all of them.
    public let live: DocumentSet?
    /// The documents that count: they live, and a filter lets them through; nil for all of them.
    public let documents: DocumentSet?
    /// Live documents with at least one word.
    public let liveDocumentsWithText: Int
    /// Σ lengths of the live documents in words.
    public let liveWords: Int

    /// Learned: impact per unit of weight.
    public let scale: Float

    /// - Parameters:
    ///   - live: What lives of the segment; nil for all of it.
    ///   - scale: That of a segment which has none of its own.
    init(_ segment: Segment, _ live: LiveDocuments?, scale: Float?) {
        self.segment = segment
        self.scale = segment.entry.scale ?? scale ?? 1
        self.live = live?.documents
        documents = live?.documents
        liveDocumentsWithText = live?.documentsWithText ?? segment.entry.documentsWithText
        liveWords = live?.words ?? segment.entry.words
    }

    /// Some documents of a segment, as for a merge; nil for all. The numbers of the collection stay those of all.
    init(segment: Segment, documents: DocumentSet?) {
        self = SegmentView(segment, nil, scale: nil).restricted(to: documents)
    }

    private init(_ view: SegmentView, documents: DocumentSet) {
        segment = view.segment
        scale = view.scale
        live = view.live
        self.documents = documents
        liveDocumentsWithText = view.liveDocumentsWithText
        liveWords = view.liveWords
    }

    /// The same with those documents of a set that counted before; nil for all of these.
    func restricted(to set: DocumentSet?) -> SegmentView {
        set.map { SegmentView(self, documents: documents?.intersection($0) ?? $0) } ?? self
    }

    /// Documents that count.
    public var count: Int { documents?.count ?? segment.documents }
    /// Documents that do not.
    public var hidden: Int { documents?.hidden ?? 0 }
    /// Documents that were not deleted, whether they count or not.
    public var liveDocuments: Int { live?.count ?? segment.documents }

    /// The docid of an external id, or nil where no document that counts has it.
    public func docid(of id: String) -> Int? {
        segment.docid(of: id, among: documents)
    }
}
