/// What `apus check` says of a whole index, as JSON.
public struct CheckDocument: Sendable, Codable {
    /// The number of the newest commit.
    public var commit: Int
    /// Documents in it.
    public var documents: Int

    /// An index whose bytes were compared with their checksums.
    public init(_ index: SearchIndex) {
        commit = index.snapshot.generation
        documents = index.snapshot.documentCount
    }
}
