public import CorpusFormats
import FileStorage
import InvertedIndex

/// Something that ``CollectionDoctor`` can examine.
public struct DoctorPlace: Sendable, Equatable {
    /// What it is.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        case index, corpus, vectors, topics, qrels, run
    }

    /// The file, folder or index; `-` is standard input.
    public var path: String
    /// What it is.
    public var kind: Kind
    /// What that was told from.
    public var reason: String
    /// The corpus's format, where it is stated.
    public var format: CorpusFormat?

    /// A place of a kind that is known.
    public init(_ path: String, _ kind: Kind, reason: String = "as stated", format: CorpusFormat? = nil) {
        self.path = path
        self.kind = kind
        self.reason = reason
        self.format = format
    }

    /// Looks what a path is: an index, a folder with a corpus, topics and judgements, or a file of any kind.
    ///
    /// - Returns: One place, or those that a collection's folder has.
    /// - Throws: `FormatError`, also where it cannot be told.
    public static func recognise(_ path: String) throws -> [DoctorPlace] {
        if path == "-" { throw FormatError.ambiguous(path: "-", found: "standard input") }
        guard Directory.exists(path) else {
            let (kind, reason) = try FileKind.recognise(path)
            return [DoctorPlace(path, Kind(kind), reason: reason)]
        }
        if try !IndexSnapshot.generations(in: path).isEmpty {
            return [DoctorPlace(path, .index, reason: "the folder has a commit")]
        }
        let folder = BEIRFolder(path: path)
        let parts: [(String?, Kind)] = [(folder.queries, .topics), (folder.corpus, .corpus), (folder.qrels, .qrels)]
        let found = parts.compactMap { file, kind in
            file.map { DoctorPlace($0, kind, reason: "its name in the folder '\(path)'") }
        }
        if !found.isEmpty { return found }
        return [DoctorPlace(path, .corpus, reason: "it is a folder")]
    }
}

extension DoctorPlace.Kind {
    fileprivate init(_ kind: FileKind) {
        switch kind {
        case .corpus: self = .corpus
        case .vectors: self = .vectors
        case .topics: self = .topics
        case .qrels: self = .qrels
        case .run: self = .run
        }
    }
}
