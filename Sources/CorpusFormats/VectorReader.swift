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

    /// Whether ids, contents, metadata, terms and weights are the same.
    public static func == (first: TermVector, second: TermVector) -> Bool {
        ByteString(first.id) == ByteString(second.id) && first.line == second.line
            && first.contents.map { ByteString($0) } == second.contents.map { ByteString($0) }
            && first.metadata.map { ByteString($0) } == second.metadata.map { ByteString($0) }
            && first.weights.elementsEqual(second.weights) {
                ByteString($0.term) == ByteString($1.term) && $0.weight == $1.weight
            }
    }
}

/// Reads precomputed sparse vectors, `{"id", "vector": {term: weight}}` on each line, as Anserini, Seismic and PISA do.
///
/// The id is `_id`, `id`, `docno`, `pid`, `docid` or `doc_id`, a string or a whole number; the text `contents`, `content` or `text`.
/// Where a line has several, the first of the list counts. All other members are kept as metadata.
public final class VectorReader {
    /// The file, or `-`.
    public let path: String
    private let records: JSONLines
    private var others = OtherMembers()

    /// Opens a file, or standard input for `-`; gzip and zstd data are recognised.
    ///
    /// - Throws: ``FormatError/missing(path:)``, ``FormatError/io(path:operation:code:)``, and
    ///   ``FormatError/nothing(path:what:found:)`` for an empty file.
    public init(path: String) throws(FormatError) {
        self.path = path
        let lines = try LineReader(path: path)
        if lines.isNothing { throw .nothing(path: path, what: "vectors", found: "it is empty") }
        records = JSONLines(lines)
    }

    /// Bytes read so far, before decompression.
    public var bytesRead: Int { records.lines.bytesRead }

    /// The size of the file, before decompression; nil for a pipe.
    public var totalBytes: Int? { records.lines.totalBytes }

    /// The next vector, or nil at the end.
    ///
    /// - Throws: A ``FormatError`` with file and line, for example for a negative weight; where it is one line's
    ///   (``FormatError/isOfOneLine``), another call goes on behind that line. A file without any vector is
    ///   ``FormatError/nothing(path:what:found:)``.
    public func next() throws(FormatError) -> TermVector? {
        var (id, contents): (String?, String?) = (nil, nil)
        var (idRank, textRank) = (Int.max, Int.max)
        var (idPlace, textPlace) = (0..<0, 0..<0)
        others.removeAll()
        var weights: [(term: String, weight: Float)]?
        let found = try records.next { (key, scanner, bytes) throws(JSONFault) in
            if key == "vector" {
                if weights != nil { throw JSONFault.repeated(key, at: scanner.position) }
                weights = try VectorReader.vector(&scanner, bytes)
            } else if let rank = ExternalID.memberNames.firstIndex(of: key) {
                if rank == idRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > idRank { return others.keep(key, try scanner.skipValue(bytes), bytes) }
                if idRank < Int.max { others.keep(ExternalID.memberNames[idRank], idPlace, bytes) }
                let start = scanner.position
                (id, idRank) = (try scanner.id(bytes, of: key), rank)
                idPlace = start..<scanner.position
            } else if let rank = VectorReader.textNames.firstIndex(of: key) {
                if rank == textRank { throw JSONFault.repeated(key, at: scanner.position) }
                if rank > textRank { return others.keep(key, try scanner.skipValue(bytes), bytes) }
                let start = scanner.position
                guard let value = try scanner.stringOrNull(bytes, of: key) else { return }
                if textRank < Int.max { others.keep(VectorReader.textNames[textRank], textPlace, bytes) }
                (contents, textRank, textPlace) = (value, rank, start..<scanner.position)
            } else {
                others.keep(key, try scanner.skipValue(bytes), bytes)
            }
        }
        guard found else {
            if records.count > 0 { return nil }
            throw .nothing(path: path, what: "vectors", found: "it is empty")
        }
        let line = records.lines.number
        guard let id else {
            throw .missingMember(path: path, line: line, names: ["id"] + ExternalID.memberNames.filter { $0 != "id" })
        }
        guard let weights else { throw .missingMember(path: path, line: line, names: ["vector"]) }
        for (term, weight) in weights where !(weight >= 0 && weight.isFinite) {
            throw .badNumber(path: path, line: line, what: "weight of '\(term)'", found: "\(weight)")
        }
        return TermVector(
            id: try ExternalID.checked(id, "document id", path: path, line: line), contents: contents, weights: weights,
            metadata: others.object, line: line)
    }

    private static let textNames = ["contents", "content", "text"]

    private static func vector(
        _ scanner: inout JSONScanner, _ bytes: Span<UInt8>
    ) throws(JSONFault) -> [(term: String, weight: Float)] {
        guard scanner.kind(bytes) == "an object" else {
            throw try scanner.wrongType(bytes, of: "vector", expected: "an object of terms and weights")
        }
        var weights: [(term: String, weight: Float)] = []
        var more = try scanner.beginObject(bytes)
        while more {
            let term = try scanner.key(bytes)
            guard scanner.kind(bytes) == "a number" else {
                throw try scanner.wrongType(bytes, of: term, expected: "a weight")
            }
            weights.append((term, Float(try scanner.number(bytes))))
            more = try scanner.nextMember(bytes)
        }
        return weights
    }
}
