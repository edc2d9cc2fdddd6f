/// One document of a corpus, before any analysis.
public struct CorpusDocument: Sendable, Equatable {
    /// The external id: not empty, no white space.
    public var id: String
    /// The title; empty when there is none.
    public var title: String
    /// The text; may be empty, which is the caller's to count.
    public var text: String
    /// All other members as one JSON object, spelled as in the file; nil when there are none.
    public var metadata: String?
    /// The line where the document starts, from 1; in a folder of text files always 1.
    public var line: Int

    /// Makes a document.
    public init(id: String, title: String = "", text: String, metadata: String? = nil, line: Int = 0) {
        self.id = id
        self.title = title
        self.text = text
        self.metadata = metadata
        self.line = line
    }
}
