public import InvertedIndex

/// What `apus check` says of a whole index, as JSON.
public struct CheckDocument: Sendable, Codable {
    /// The number of the newest commit; nil where it cannot be opened.
    public var commit: Int?
    /// Documents in it.
    public var documents: Int?
    /// What `--deep` found.
    public var findings: [IndexFinding]?

    /// An index whose bytes were compared with their checksums.
    public init(_ index: SearchIndex?, findings: [IndexFinding]? = nil) {
        commit = index?.snapshot.generation
        documents = index?.snapshot.documentCount
        self.findings = findings
    }
}
