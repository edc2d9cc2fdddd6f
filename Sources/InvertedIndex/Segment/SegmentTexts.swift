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
    /// - Returns: A number that the file holds too, and that another content would not have.
    /// - Throws: ``IndexError``.
    func finish() throws(IndexError) -> UInt32
    /// Writes rows of several files, one file after another, into one at `path`.
    /// - Parameter rows: Of each file the rows to copy, ascending; nil for all of them.
    /// - Returns: As above.
    /// - Throws: ``IndexError``.
    func join(_ parts: [SegmentTexts], rows: [[UInt32]?], to path: String) throws(IndexError) -> UInt32
}

/// A segment's file of texts as a reader needs to know it.
public struct SegmentTexts: Sendable {
    /// The file.
    public let path: String
    /// Rows, one for each document of the segment.
    public let rows: Int
    /// What the file has to say of its content.
    public let identity: UInt32
}
