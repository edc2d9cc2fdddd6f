public import InvertedIndex

/// A document as it came in: what `apus get` returns and result lists show.
public struct StoredDocument: Sendable, Equatable, Codable {
    /// External id.
    public var id: String
    /// May be empty.
    public var title: String
    /// May be empty.
    public var text: String
    /// The raw JSON object of whatever else the input said, or nil.
    public var metadata: String?

    /// A document's id with its texts.
    public init(id: String, _ stored: StoredText) {
        self.id = id
        title = stored.title
        text = stored.text
        metadata = stored.metadata
    }
}
