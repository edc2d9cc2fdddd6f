import ByteStrings

/// One document of a corpus, before any analysis and as an index gives it back.
public struct CorpusDocument: Sendable {
    /// The external id: not empty, no white space.
    public var id: String
    /// The title; empty when there is none.
    public var title: String
    /// The text; may be empty, which is the caller's to count.
    public var text: String
    /// All other members as one JSON object, spelled as in the file; nil when there are none.
    public var metadata: String?
    /// The terms that another encoder gave it, if any did.
    public var vector: [(term: String, weight: Float)]?
    /// The file that it came from, where a reader of several says it.
    public var path = ""
    /// The line where the document starts, from 1; in a folder of text files always 1.
    public var line = 0

    /// Makes a document.
    public init(id: String, title: String = "", text: String, metadata: String? = nil, line: Int = 0) {
        self.id = id
        self.title = title
        self.text = text
        self.metadata = metadata
        self.line = line
    }

    /// Makes a document of the vector that stands for it.
    public init(_ vector: TermVector, path: String) {
        self.init(
            id: vector.id, title: vector.title, text: vector.contents ?? "", metadata: vector.metadata,
            line: vector.line)
        self.vector = vector.weights
        self.path = path
    }
}

/// The content; neither the place nor the vector.
extension CorpusDocument: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, title, text, metadata
    }
}

extension CorpusDocument: Equatable {
    /// Whether id, texts, metadata, place and vector are the same, byte for byte.
    public static func == (first: CorpusDocument, second: CorpusDocument) -> Bool {
        func bytes(_ document: CorpusDocument) -> [ByteString?] {
            let strings = [document.id, document.title, document.text, document.metadata, document.path]
            return strings.map { $0.map { ByteString($0) } }
        }
        let (ours, theirs) = (first.vector, second.vector)
        return first.line == second.line && bytes(first) == bytes(second) && (ours == nil) == (theirs == nil)
            && (ours ?? []).elementsEqual(theirs ?? []) {
                ByteString($0.term) == ByteString($1.term) && $0.weight == $1.weight
            }
    }
}
