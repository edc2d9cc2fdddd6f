import ByteStrings
import JSONScanning

/// A document as terms with weights that some encoder computed before.
public struct TermVector: Sendable, Equatable {
    /// The external id.
    public var id: String
    /// The text, when the file has it.
    public var contents: String?
    /// Terms with finite weights of at least 0, in the order of the file; a term that stands there twice is kept twice.
    public var weights: [(term: String, weight: Float)]
    /// All other members as one JSON object, spelled as in the file; nil when there are none.
    public var metadata: String?
    /// The line in the file, from 1.
    public var line: Int
    /// The title, where the text is without it; empty when there is none.
    public var title = ""

    /// Whether ids, titles, contents, metadata, terms and weights are the same.
    public static func == (first: TermVector, second: TermVector) -> Bool {
        ByteString(first.id) == ByteString(second.id) && first.line == second.line
            && ByteString(first.title) == ByteString(second.title)
            && first.contents.map { ByteString($0) } == second.contents.map { ByteString($0) }
            && first.metadata.map { ByteString($0) } == second.metadata.map { ByteString($0) }
            && first.weights.elementsEqual(second.weights) {
                ByteString($0.term) == ByteString($1.term) && $0.weight == $1.weight
            }
    }
}

/// Where vectors are read from.
protocol VectorSource: AnyObject {
    var path: String { get }
    var bytesRead: Int { get }
    var totalBytes: Int? { get }
    func next() throws(FormatError) -> TermVector?
}

/// Reads precomputed sparse vectors: JSON lines, see ``VectorLines``, matrices in .npz archives, see ``MatrixVectors``, and
/// MessagePack, see ``PackedVectors``; which of them is told by the first bytes.
public final class VectorReader {
    private let source: any VectorSource

    /// Opens a file, or standard input for `-`; gzip and zstd data are recognised.
    ///
    /// - Parameters:
    ///   - vocabulary: The names of terms that the file tells by numbers; without it they are called by their digits.
    ///   - ids: The ids of a matrix's rows, in order.
    /// - Throws: ``FormatError/missing(path:)``, ``FormatError/io(path:operation:code:)``, and
    ///   ``FormatError/nothing(path:what:found:)`` for an empty file; what is wrong with the head of an archive.
    public init(path: String, vocabulary: VectorVocabulary? = nil, ids: [String]? = nil) throws(FormatError) {
        let start = try VectorReader.start(path)
        if ZipArchive.begins(start) {
            source = try MatrixVectors(path: path, vocabulary: vocabulary, ids: ids)
        } else if PackedVectors.begins(start) {
            source = try PackedVectors(path: path, vocabulary: vocabulary)
        } else {
            source = try VectorLines(path: path, vocabulary: vocabulary)
        }
    }

    /// Reads JSON lines that a program makes, piece by piece.
    /// - Parameters:
    ///   - name: What messages call them.
    ///   - pieces: The next piece, which may end in the middle of a line; nil at the end.
    public init(
        name: String, vocabulary: VectorVocabulary? = nil, pieces: @escaping () throws(FormatError) -> [UInt8]?
    ) {
        source = VectorLines(LineReader(name: name, pieces: pieces), vocabulary: vocabulary)
    }

    /// The file, or `-`.
    public var path: String { source.path }

    /// Bytes read so far, before decompression.
    public var bytesRead: Int { source.bytesRead }

    /// The size of the file, before decompression; nil for a pipe.
    public var totalBytes: Int? { source.totalBytes }

    /// The next vector, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with file and line (of a matrix the row, from 1), for example for a negative weight; where it is one
    ///   line's (``FormatError/isOfOneLine``), another call goes on behind that line. A file without any vector is
    ///   ``FormatError/nothing(path:what:found:)``.
    public func next() throws(FormatError) -> TermVector? { try source.next() }

    /// The first bytes of a file's content; none of a pipe, which can be read once.
    private static func start(_ path: String) throws(FormatError) -> ArraySlice<UInt8> {
        guard path != "-", FolderListing.isFile(path) else { return [] }
        let source = try ByteSource(path: path)
        var start = [UInt8](repeating: 0, count: 16)
        // Safe: the buffer outlives the call, which is told its size.
        let result = unsafe start.withUnsafeMutableBytes { bytes in
            Result { () throws(FormatError) -> Int in try unsafe source.read(into: bytes) }
        }
        return start[..<(try result.get())]
    }
}
