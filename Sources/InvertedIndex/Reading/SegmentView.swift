/// A segment as it is searched: with the documents of it that count.
///
/// A snapshot is a list of views; hiding documents makes another list of the same segments.
public struct SegmentView: Sendable {
    /// The mapped segment.
    public let segment: Segment
    /// The documents that count; nil for all of them.
    public let documents: DocumentSet?

    /// Documents that count.
    public var count: Int { documents?.count ?? segment.documents }
    /// Documents that do not.
    public var hidden: Int { documents?.hidden ?? 0 }

    /// The docid of an external id, or nil where no document that counts has it.
    public func docid(of id: String) -> Int? {
        segment.docid(of: id, among: documents)
    }
}
