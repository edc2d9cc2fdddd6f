import ByteStrings
public import CorpusFormats
import Foundation
import InvertedIndex

/// The lists that shards found for topics, and what they were found with: how a search of a collection whose shards lie on several
/// machines becomes the run of one.
///
/// Each shard is searched with the statistics of the whole collection; the lists of all of them, gathered, hold the best of each
/// traversal, and a ranking makes its answers of them as it does of its own. In two rounds the second one begins at a score
/// that the k-th document of the first one's lists reaches.
public struct ShardLists: Sendable {
    /// What lists must have in common to be gathered.
    struct Head: Codable, Equatable {
        var format = "apus lists 1"
        var settings: [String: String]
        var documents: Int
        var documentsWithText: Int
        var words: Int
        var learnedScales: [Float]
        /// How many documents a list may have, and the lists of a hybrid search.
        var hits: Int
        var depth: Int
    }

    private let head: Head
    private var file: ListFile

    private init(_ head: Head, _ file: ListFile) { (self.head, self.file) = (head, file) }

    /// The lists behind the answers of a search.
    /// - Throws: `IndexError`.
    public init(_ answers: BatchAnswer, of index: SearchIndex, _ options: SearchOptions) throws {
        let statistics = try index.snapshot.collectionStatistics()
        head = Head(
            settings: index.agreement.settings, documents: statistics.documents,
            documentsWithText: statistics.documentsWithText, words: statistics.words,
            learnedScales: statistics.learnedScales.sorted(), hits: options.hits,
            depth: max(options.hits, options.depth))
        file = ListFile(head: try AnswerJSON.text(head, pretty: false))
        for (topic, answer) in answers.answers {
            for search in answer.searches {
                let key = ListFile.Key(topic: topic.id, list: Self.name(search.field))
                file.lists[key] = search.hits.map { ListedDocument(id: $0.id, score: $0.score, rawScore: $0.rawScore) }
            }
        }
    }

    /// Reads lists of several shards and gathers them: the best of each list, score descending, ties by id descending.
    /// - Parameters:
    ///   - index: One of the shards, or another index with their settings.
    /// - Throws: `FormatError`; ``ApusError/otherLists(path:name:)`` for lists of another search.
    /// - Complexity: O(n log n) for n documents of all lists.
    public init(gathering paths: [String], of index: SearchIndex) throws {
        var files: [ListFile] = []
        var heads: [Head] = []
        for path in paths {
            let file = try ListFile(path: path)
            guard let head = try? JSONDecoder().decode(Head.self, from: Data(file.head.utf8)) else {
                throw ApusError.otherLists(path: path, name: "format")
            }
            if let name = Self.difference(head, heads.first ?? head, index.agreement.settings) {
                throw ApusError.otherLists(path: path, name: name)
            }
            files.append(file)
            heads.append(head)
        }
        guard var head = heads.first else { throw ApusError.otherLists(path: "", name: "format") }
        head.hits = heads.reduce(head.hits) { min($0, $1.hits) }
        head.depth = heads.reduce(head.depth) { min($0, $1.depth) }
        var lists: [ListFile.Key: [ListedDocument]] = [:]
        for file in files { lists.merge(file.lists) { $0 + $1 } }
        for (key, list) in lists {
            let ordered = list.map { (ByteString($0.id), $0) }.sorted { a, b in
                a.1.rawScore != b.1.rawScore ? a.1.rawScore > b.1.rawScore : a.0 > b.0
            }
            for (a, b) in zip(ordered, ordered.dropFirst()) where a.0 == b.0 {
                throw ApusError.repeatedDocument(id: a.1.id, first: paths[0], second: paths[paths.count - 1])
            }
            lists[key] = ordered.map(\.1)
        }
        self.init(head, ListFile(head: try AnswerJSON.text(head, pretty: false), lists: lists))
    }

    private static func difference(_ head: Head, _ first: Head, _ settings: [String: String]) -> String? {
        if head.format != first.format { return "format" }
        if head.settings != settings { return "index settings" }
        if head.documents != first.documents || head.documentsWithText != first.documentsWithText
            || head.words != first.words
        {
            return "collection statistics"
        }
        return head.learnedScales == first.learnedScales ? nil : "learned scales"
    }

    static func name(_ field: Field?) -> String { field?.rawValue ?? "fused" }

    /// Refuses to make answers of lists that are not deep enough for them.
    /// - Throws: ``ApusError/shallowLists(depth:wanted:)``.
    public func check(_ options: SearchOptions) throws {
        guard head.hits >= options.hits, head.depth >= max(options.hits, options.depth) else {
            throw ApusError.shallowLists(depth: head.hits, wanted: options.hits)
        }
    }

    /// Refuses lists of another collection than the one that an index is searched as a part of: their scores say nothing there.
    /// - Throws: ``ApusError/otherLists(path:name:)``, `IndexError`.
    public func checkCollection(of index: SearchIndex, path: String) throws {
        let statistics = try index.snapshot.collectionStatistics()
        guard head.documents == statistics.documents, head.documentsWithText == statistics.documentsWithText,
            head.words == statistics.words, head.learnedScales == statistics.learnedScales.sorted()
        else { throw ApusError.otherLists(path: path, name: "collection statistics") }
    }

    /// A topic's lists by name.
    func lists(of topic: String) -> TopicLists {
        TopicLists { file.lists[ListFile.Key(topic: topic, list: $0)] ?? [] }
    }

    /// Writes the lists, those of `topics` in this order.
    /// - Throws: `FormatError`.
    public func write(to path: String, topics: [Topic]) throws { try file.write(to: path, topics: topics.map(\.id)) }
}

/// The lists that shards found for one topic.
struct TopicLists: Sendable {
    let list: @Sendable (String) -> [ListedDocument]

    init(_ list: @escaping @Sendable (String) -> [ListedDocument]) { self.list = list }

    /// A raw score that `k` documents of a list are known to reach; 0 where it has fewer.
    func least(_ field: Field?, k: Int) -> UInt32 {
        let list = list(ShardLists.name(field))
        return list.count >= k ? list[k - 1].rawScore : 0
    }

    /// The best `k` of a list as what a traversal found.
    func result(_ field: Field?, k: Int) -> SearchResult {
        SearchResult(
            gathered: list(ShardLists.name(field)).prefix(k).map {
                Hit(id: $0.id, score: $0.score, rawScore: $0.rawScore)
            }, field: field)
    }
}
