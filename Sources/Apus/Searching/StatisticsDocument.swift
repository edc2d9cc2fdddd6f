import ByteStrings
public import CorpusFormats
import FileStorage
import Foundation
public import InvertedIndex

/// The numbers of a collection that scores of some topics depend on, as a file: those of all shards, added up, make a search of
/// one of them score as a search of all.
public struct StatisticsDocument: Sendable, Codable {
    /// What is known of one term.
    public struct Term: Sendable, Codable {
        /// The term.
        public var term: String
        /// Documents that hold it.
        public var documents: Int
        /// Learned: its largest weight in a document.
        public var largest: Double?
    }

    /// The form of the file.
    public var format = "apus statistics 1"
    /// How the index was made.
    public var settings: [String: String]
    /// Documents.
    public var documents: Int
    /// Documents with at least one word.
    public var documentsWithText: Int
    /// Σ document lengths in words.
    public var words: Int
    /// The scales of its learned fields.
    public var learnedScales: [Float]
    /// The topics' words.
    public var text: [Term]
    /// The topics' learned terms.
    public var learned: [Term]

    /// Counts the terms of topics in an index.
    /// - Parameter vectors: Learned queries by topic id, computed elsewhere; nil encodes the texts.
    /// - Throws: `IndexError`, `EncoderError`.
    public init(
        of index: SearchIndex, topics: [Topic], vectors: [ByteString: [QueryTerm]]?, _ options: SearchOptions
    ) throws {
        var options = options.resolved(by: index.settings)
        // Which terms are the heaviest is known only when the numbers are.
        options.queryTerms = nil
        var queries: [Query] = []
        for topic in topics {
            queries.append(index.wordQuery(topic.text, options.bm25InForce))
            guard options.mode != .bm25, index.hasLearned else { continue }
            let vector = vectors.map { $0[ByteString(topic.id)] ?? [] }
            if case .made(let learned) = try index.learnedQuery(topic.text, vector, options) {
                queries.append(learned.query)
            }
        }
        let numbers = try index.snapshot.collectionStatistics(for: queries)
        settings = index.agreement.settings
        (documents, documentsWithText, words) = (numbers.documents, numbers.documentsWithText, numbers.words)
        learnedScales = numbers.learnedScales.sorted()
        func terms(_ known: [ByteString: CollectionStatistics.Term], isLearned: Bool) -> [Term] {
            known.sorted { $0.key < $1.key }.map {
                Term(
                    term: $0.key.string, documents: $0.value.documents,
                    largest: isLearned ? $0.value.largestWeight : nil)
            }
        }
        text = terms(numbers.text, isLearned: false)
        learned = terms(numbers.learned, isLearned: true)
    }

    /// The numbers of several shards together.
    /// - Throws: `StorageError`; ``ApusError/otherLists(path:name:)`` for files of indexes with other settings.
    public static func sum(_ paths: [String]) throws -> CollectionStatistics {
        var sum: CollectionStatistics?
        var first: [String: String]?
        for path in paths {
            let bytes = try MappedBytes(path: path).copied()
            guard let document = try? JSONDecoder().decode(StatisticsDocument.self, from: Data(bytes)),
                document.format == "apus statistics 1"
            else { throw ApusError.otherLists(path: path, name: "format") }
            if let first, document.settings != first { throw ApusError.otherLists(path: path, name: "index settings") }
            first = document.settings
            sum = sum.map { $0 + document.numbers } ?? document.numbers
        }
        return sum ?? CollectionStatistics(documents: 0, documentsWithText: 0, words: 0)
    }

    private var numbers: CollectionStatistics {
        var numbers = CollectionStatistics(documents: documents, documentsWithText: documentsWithText, words: words)
        numbers.learnedScales = Set(learnedScales)
        for term in text { numbers.text[ByteString(term.term)] = .init(documents: term.documents) }
        for term in learned {
            numbers.learned[ByteString(term.term)] = .init(documents: term.documents, largestWeight: term.largest ?? 0)
        }
        return numbers
    }
}
