import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex
import Testing

@testable import Apus

/// Several indexes answer as one: as the join of them does, and, with one learned scale, as an index built of all documents.
@Suite struct ShardTests {
    static let modes: [SearchMode] = [.bm25, .splade, .hybrid, .fused]

    private struct Queries {
        let topics: [Topic]
        let vectors: [ByteString: [QueryTerm]]

        init(seed: UInt64) {
            var random = SplitMix64(seed: seed)
            var topics: [Topic] = []
            var vectors: [ByteString: [QueryTerm]] = [:]
            for number in 0..<12 {
                let words = (0..<Int.random(in: 1...4, using: &random)).map { _ in PartedCollection.word(&random) }
                topics.append(Topic(id: "q\(number)", text: words.joined(separator: " ")))
                let terms = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                    QueryTerm(
                        term: PartedCollection.word(&random),
                        weight: Float([0.25, 0.5, 1, 3].randomElement(using: &random) ?? 1))
                }
                vectors[ByteString("q\(number)")] = terms
            }
            self.topics = topics
            self.vectors = vectors
        }

        func run(_ index: SearchIndex, _ options: SearchOptions) throws -> [[RankedDocument]] {
            try index.search(topics, vectors: vectors, options).answers.map(\.answer.documents)
        }
    }

    @Test(arguments: modes) func shardsAnswerAsOneIndex(mode: SearchMode) async throws {
        for scales in [[Float(1), 1], [1, 1, 1, 1, 1], [2, 0.37, 83.2]] {
            let collection = try await PartedCollection(seed: 6, documents: 120, scales: scales)
            defer { collection.remove() }
            let queries = Queries(seed: 7)
            let shards = try SearchIndex(shards: collection.parts)
            let target = collection.directory + "/joined"
            _ = try await IndexJoining().run(collection.parts, to: target)
            let joined = try SearchIndex(target)
            let whole = try SearchIndex(collection.whole)
            for traversal in Traversal.allCases {
                for filter in [nil, try Filter(parsing: "year < 1996")] {
                    var options = SearchOptions()
                    options.mode = mode
                    options.traversal = traversal
                    options.filter = filter
                    let found = try queries.run(shards, options)
                    #expect(try found == queries.run(joined, options), "\(traversal)")
                    if Set(scales).count == 1 {
                        #expect(try found == queries.run(whole, options), "\(traversal)")
                    }
                }
            }
            // Texts and explanations are those of the shard that has the document.
            #expect(try shards.documents.documents(collection.ids) == whole.documents.documents(collection.ids))
            var options = SearchOptions()
            options.mode = mode
            let answer = try shards.search(queries.topics[0].text, vector: queries.vectors["q0"], options)
            for document in answer.documents where mode == .bm25 {
                let explained = try shards.explain(queries.topics[0].text, document: document.id, options)
                let expected = try joined.explain(queries.topics[0].text, document: document.id, options)
                #expect(try AnswerJSON.text(explained.fields) == AnswerJSON.text(expected.fields))
            }
        }
    }

    @Test func anAnswerWithADocumentOfTwoShardsIsRefused() async throws {
        let collection = try await PartedCollection(seed: 9, documents: 40, scales: [1, 1])
        defer { collection.remove() }
        let twice = try SearchIndex(shards: collection.parts + [collection.parts[0]])
        #expect(throws: ApusError.self) { try twice.search("river stone paper water light", vector: []) }
    }

    @Test func aShardThatChangesIsSeenByRefresh() async throws {
        let collection = try await PartedCollection(seed: 10, documents: 40, scales: [1, 1])
        defer { collection.remove() }
        let shards = try SearchIndex(shards: collection.parts)
        #expect(try shards.refresh() === shards)
        try await PartedCollection.build(
            [#"{"id": "new", "contents": "zebra", "vector": {}}"#], at: collection.parts[1], in: collection.directory
        ) { $0.existing = .append }
        var options = SearchOptions()
        options.mode = .bm25
        #expect(try shards.search("zebra", options).documents.isEmpty)
        #expect(try shards.refresh().search("zebra", options).documents.map(\.id) == ["new"])
    }

    /// Statistics, lists of two rounds and what is gathered of them, through files: the answers of one index, of every mode.
    @Test(arguments: modes) func shardsSearchedApartMakeTheRunOfOne(mode: SearchMode) async throws {
        for scales in [[Float(1), 1, 1], [2, 0.37]] {
            let collection = try await PartedCollection(seed: 11, documents: 150, scales: scales)
            defer { collection.remove() }
            let queries = Queries(seed: 12)
            var options = SearchOptions()
            options.mode = mode
            (options.hits, options.depth) = (8, 30)
            let together = try SearchIndex(shards: collection.parts)
            let expected = try together.search(queries.topics, vectors: queries.vectors, options)
            let path = { (name: String) in collection.directory + "/" + name }

            for (number, part) in collection.parts.enumerated() {
                let document = try StatisticsDocument(
                    of: SearchIndex(part), topics: queries.topics, vectors: queries.vectors, options)
                try AnswerJSON.text(document).write(toFile: path("s\(number)"), atomically: true, encoding: .utf8)
            }
            let numbers = collection.parts.indices.map { path("s\($0)") }
            func round(_ name: String, _ options: SearchOptions) throws -> [String] {
                try collection.parts.enumerated().map { number, part in
                    let shard = try SearchIndex(shards: [part], collection: StatisticsDocument.sum(numbers))
                    let batch = try shard.search(queries.topics, vectors: queries.vectors, options)
                    try ShardLists(batch, of: shard, options).write(
                        to: path(name + "\(number)"), topics: queries.topics)
                    return path(name + "\(number)")
                }
            }
            let first = try SearchIndex(collection.parts[0])
            var few = options
            (few.hits, few.depth) = (5, 12)
            let shallow = try ShardLists(gathering: round("r", few), of: first)
            // Lists of the first round are no answer.
            #expect(throws: ApusError.self) { try shallow.check(options) }
            var second = options
            second.least = shallow
            for lists in [try round("a", options), try round("b", second)] {
                var gathering = options
                let gathered = try ShardLists(gathering: lists, of: first)
                try gathered.check(options)
                gathering.gathered = gathered
                let found = try first.search(queries.topics, vectors: queries.vectors, gathering)
                #expect(found.run == expected.run)
                #expect(found.answers.map(\.answer.tag) == expected.answers.map(\.answer.tag))
                #expect(
                    found.answers.map { $0.answer.documents.map(\.score) }
                        == expected.answers.map { $0.answer.documents.map(\.score) })
            }
        }
    }

    /// What was counted for other topics is not taken for these.
    @Test func termsWithoutStatisticsAreRefused() async throws {
        let collection = try await PartedCollection(seed: 13, documents: 30, scales: [1, 1])
        defer { collection.remove() }
        var options = SearchOptions()
        options.mode = .bm25
        let index = try SearchIndex(collection.parts[0])
        let document = try StatisticsDocument(
            of: index, topics: [Topic(id: "1", text: "river")], vectors: nil, options)
        let path = collection.directory + "/s"
        try AnswerJSON.text(document).write(toFile: path, atomically: true, encoding: .utf8)
        let shard = try SearchIndex(shards: [collection.parts[0]], collection: StatisticsDocument.sum([path]))
        _ = try shard.search("river", options)
        #expect(throws: ApusError.self) { try shard.search("river garden", options) }
    }
}
