import FileStorage

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
    /// - Parameter packs: Whether few texts may become bytes instead, of which no file is left.
    /// - Throws: ``IndexError``.
    func finish(packs: Bool) throws(IndexError) -> WrittenTexts
    /// Writes rows of several files, one file after another, into one at `path`, or into bytes where they are all packed and
    /// `packs` is set.
    /// - Parameter rows: Of each file the rows to copy, ascending; nil for all of them.
    /// - Throws: ``IndexError``.
    func join(
        _ parts: [SegmentTexts], rows: [[UInt32]?], to path: String, packs: Bool
    ) throws(IndexError) -> WrittenTexts
}

extension SegmentTextsWriter {
    /// Ends the file that was begun, as a file.
    /// - Throws: ``IndexError``.
    public func finish() throws(IndexError) -> UInt32 { try finish(packs: false).identity }

    /// Writes rows of several files into one file at `path`.
    /// - Throws: ``IndexError``.
    public func join(_ parts: [SegmentTexts], rows: [[UInt32]?], to path: String) throws(IndexError) -> UInt32 {
        try join(parts, rows: rows, to: path, packs: false).identity
    }
}

/// What a ``SegmentTextsWriter`` wrote.
public struct WrittenTexts: Sendable {
    /// A number that the texts hold too, and that another content would not have.
    public var identity: UInt32
    /// The texts, for the segment's own file; nil where they are in a file of theirs.
    public var packed: [UInt8]?

    /// Texts in a file, or packed ones.
    public init(identity: UInt32, packed: [UInt8]? = nil) { (self.identity, self.packed) = (identity, packed) }
}

/// A segment's texts as a reader needs to know them.
public struct SegmentTexts: Sendable {
    /// The name of the tensor that holds packed texts.
    static let tensor = "texts"

    /// Their file, or the segment's own.
    public let path: String
    /// Rows, one for each document of the segment.
    public let rows: Int
    /// What the texts have to say of their content.
    public let identity: UInt32
    private let segment: SafetensorsFile?

    /// Texts in a file of their own.
    public init(path: String, rows: Int, identity: UInt32) {
        (self.path, self.rows, self.identity, segment) = (path, rows, identity, nil)
    }

    /// Texts in a segment's file.
    /// - Throws: ``StorageError`` where there are none.
    init(in segment: SafetensorsFile, rows: Int, identity: UInt32) throws(StorageError) {
        _ = try unsafe segment.unsafeTensor(Self.tensor, of: UInt8.self, type: .u8)
        (path, self.rows, self.identity, self.segment) = (segment.bytes.path, rows, identity, segment)
    }

    /// Whether they are in the segment's own file.
    public var isPacked: Bool { segment != nil }

    /// The bytes that the writer packed; nil where they have a file of their own.
    public var packed: [UInt8]? {
        guard let segment, let bytes = try? unsafe segment.unsafeTensor(Self.tensor, of: UInt8.self, type: .u8) else {
            return nil
        }
        defer { withExtendedLifetime(segment.bytes) {} }
        return unsafe Array(bytes)
    }
}
