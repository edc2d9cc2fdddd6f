/// What is shown of a document; ranking never reads it.
public struct StoredText: Sendable, Equatable {
    /// May be empty.
    public var title: String
    /// May be empty.
    public var text: String
    /// The raw JSON object of whatever else the input said, or nil.
    public var metadata: String?

    /// A document without texts.
    public init() { (title, text) = ("", "") }

    /// The texts of a document.
    public init(title: String, text: String, metadata: String? = nil) {
        self.title = title
        self.text = text
        self.metadata = metadata
    }
}

/// Writes the file of texts that travels with a segment.
///
/// The index names that file, makes it durable, commits it with its checksum and collects it; what is inside is the writer's.
/// Rows are numbered from 0 in the order in which documents come.
public protocol SegmentTextsWriter: Sendable {
    /// Adds rows to the file at `path`, which is begun with the first.
    /// - Throws: ``IndexError``.
    func append(_ texts: [StoredText], to path: String) throws(IndexError)
    /// Ends the file that was begun; nothing is written to it any more.
    /// - Throws: ``IndexError``.
    func finish() throws(IndexError)
    /// Writes the rows of several files, one file after another, into one at `path`.
    /// - Throws: ``IndexError``.
    func join(_ parts: [(path: String, rows: Int)], to path: String) throws(IndexError)
}
