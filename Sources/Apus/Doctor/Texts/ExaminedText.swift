import CorpusFormats
import LearnedEncoder

/// A document or a query with what the checks need to know of it.
struct ExaminedText: Sendable {
    /// Its place in the order of reading, over all files.
    var ordinal: Int
    var id: String
    /// Title and text.
    var content: String
    var isEmpty: Bool
    /// Whether one before it had its id.
    var isRepeatedID: Bool
    var path: String
    /// The line, from 1; 0 for a document of an index.
    var line: Int
    var facts: TextFacts

    func example(_ detail: String) -> DoctorReport.Example { .init(line: line, id: id, detail) }
}

/// What is computed of one text, independent of all others.
struct TextFacts: Sendable {
    /// The id's hash.
    var id: UInt64
    /// The hash of title and text, byte for byte.
    var content: UInt64
    /// The hash of the words of title and text, and of the text alone; nil without words.
    var words: UInt64?
    var textWords: UInt64?
    /// A sketch of its word triples.
    var sketch: ShingleSketch
    var tokens: TokenCounts?
    var language: String?
    var damage: TextDamage

    init(_ document: CorpusDocument, _ encoder: SparseEncoder?, isQuery: Bool) {
        let content = document.content
        let hashes = WordHashes(content)
        id = TextHash(document.id).value
        self.content = TextHash(content).value
        words = hashes.sequence
        textWords = document.title.isEmpty ? words : WordHashes(document.text).sequence
        sketch = ShingleSketch(Shingles(hashes))
        if let encoder {
            tokens = isQuery ? encoder.countTokens(ofQuery: content) : encoder.countTokens(ofDocument: content)
        }
        language = LanguageGuess.language(of: hashes)
        damage = TextDamage(content)
    }
}

/// What the texts are, for sentences about them.
enum TextSubject: Sendable {
    case documents, queries

    func counted(_ count: Int) -> String {
        switch self {
        case .documents: Figures.counted(count, "document", "documents")
        case .queries: Figures.counted(count, "query", "queries")
        }
    }
}

/// Looks at texts one after the other, and says what was found in the end.
protocol TextCheck {
    mutating func visit(_ text: ExaminedText)
    func findings(of subject: TextSubject, in path: String, _ places: DocumentPlaces) -> [DoctorReport.Finding]
}
