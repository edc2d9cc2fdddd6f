import ApusTestSupport
import Foundation
import Testing

@testable import InvertedIndex

/// Similar documents become neighbours, whatever the memory and the threads.
@Suite struct DocumentOrderTests {
    /// Lists in memory.
    private struct Lists: PostingSource {
        var field = Field.learned
        var lists: [PostingList]
        var place = 0

        mutating func next(_ list: inout PostingList) throws(IndexError) -> Bool {
            guard place < lists.count else { return false }
            list = lists[place]
            place += 1
            return true
        }
    }

    /// Documents of 32 topics with 20 terms of their own each, in random order; some words belong to all.
    private static func lists(_ documents: Int, field: Field = .learned) -> (topics: [Int], source: Lists) {
        var random = SplitMix64(seed: 31)
        let topics = (0..<documents).map { _ in Int.random(in: 0..<32, using: &random) }
        var lists: [String: PostingList] = [:]
        for docid in 0..<documents {
            for draw in 0..<24 {
                let term = draw < 4 ? "a\(draw)" : "t\(topics[docid])-\(Int.random(in: 0..<20, using: &random))"
                var list = lists[term] ?? PostingList(term: Array(term.utf8))
                if list.docids.last != UInt32(docid) {
                    list.docids.append(UInt32(docid))
                    list.values.append(field == .text ? [1, 2, 300][draw % 3] : UInt32(1 + docid % 255))
                }
                lists[term] = list
            }
        }
        return (topics, Lists(field: field, lists: lists.keys.sorted().compactMap { lists[$0] }))
    }

    @Test(arguments: [1_024, 5_000, 20_011], [1 << 30, 300_000, 1])
    func isAPermutationThatNoNumberOfThreadsChanges(documents: Int, memory: Int) throws {
        let (_, source) = Self.lists(documents)
        let orders = try [1, 2, 4].map { threads in
            try DocumentOrder.bisect(documents: documents, source, memory: memory, threads: threads)
        }
        #expect(orders[0].sorted() == Array(0..<UInt32(documents)))
        // Little memory is divided among the threads, so that there are other groups.
        if memory == 1 << 30 { #expect(orders[0] == orders[1] && orders[0] == orders[2]) }
    }

    /// In random order a document's neighbour is of its topic once in 32.
    @Test func documentsOfATopicBecomeNeighbours() throws {
        let (topics, source) = Self.lists(20_000)
        let order = try DocumentOrder.bisect(documents: 20_000, source, memory: 1 << 30)
        let alike = zip(order, order.dropFirst()).count { topics[Int($0)] == topics[Int($1)] }
        #expect(alike > 18_000, "\(alike)")
    }

    /// Within a group documents stay among their neighbours, and become alike there.
    @Test func littleMemoryStillFindsNeighbours() throws {
        let (topics, source) = Self.lists(20_000)
        let order = try DocumentOrder.bisect(documents: 20_000, source, memory: 400_000)
        let alike = zip(order, order.dropFirst()).count { topics[Int($0)] == topics[Int($1)] }
        #expect(alike > 10_000, "\(alike)")
    }

    /// Lists of all lengths, also where nothing is left in memory.
    @Test(arguments: [Field.text, .learned]) func aRecordGivesBackWhatItRead(field: Field) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (_, source) = Self.lists(3_000, field: field)
        for most in [0, 5_000, 1 << 30] {
            let record = try RecordedPostings(source, documents: 3_000, directory: directory, most: most)
            for wanted in [1...3_000, 2_000...3_000, 1...100, 4_000...5_000] {
                var (expected, found) = (source, record)
                var lists = (PostingList(), PostingList())
                while try expected.next(&lists.0, where: { wanted.contains($0) }) {
                    let isThere = try found.next(&lists.1, where: { wanted.contains($0) })
                    #expect(isThere)
                    #expect(lists.0.term == lists.1.term)
                    #expect(lists.0.docids == lists.1.docids)
                    #expect(lists.0.values == lists.1.values)
                }
                let isMore = try found.next(&lists.1, where: { wanted.contains($0) })
                #expect(!isMore)
            }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }

    /// What an order does to a list is what sorting pairs does.
    @Test func aRecordPutsDocumentsInTheirPlaces() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var (_, source) = Self.lists(2_000)
        var random = SplitMix64(seed: 5)
        let places = (0..<2_000 as Range<UInt32>).shuffled(using: &random)
        var moved = try RecordedPostings(source, documents: 2_000, directory: directory).moved(to: places)
        var (list, expected) = (PostingList(), PostingList())
        while try source.next(&expected) {
            let isThere = try moved.next(&list)
            let pairs = zip(expected.docids.map { places[Int($0)] }, expected.values).sorted { $0.0 < $1.0 }
            #expect(isThere && list.docids == pairs.map(\.0) && list.values == pairs.map(\.1))
        }
    }

    /// What does not fit stays apart; the documents that there are do not change.
    @Test func joinsKeepToTheMemory() async throws {
        var entries: [[SegmentEntry]] = []
        for within in [true, false] {
            let directory = try TestPaths.temporaryDirectory()
            defer { try? FileManager.default.removeItem(atPath: directory) }
            var options = IndexOptions()
            // Room for 200 kB: some 3,000 documents.
            (options.memoryBytes, options.flushBytes, options.joinsWithinMemory) = (800_000, 40_000, within)
            options.hasText = false
            let writer = try IndexWriter.create(at: directory, options: options, vocabulary: ["a", "b", "c"])
            for number in 0..<10_000 {
                let terms = (0..<3 as Range<UInt32>).filter { number >> Int($0) & 1 == 1 }
                try await writer.add([
                    IndexDocument(
                        id: "d\(number)", wordBytes: [], wordEnds: [], terms: terms,
                        weights: terms.map { Float($0 + 1) })
                ])
            }
            try await writer.merge(to: 1)
            let snapshot = try await writer.commit()
            #expect(snapshot.documentCount == 10_000)
            entries.append(snapshot.segments.map(\.entry))
        }
        #expect(entries[1].count == 1)
        let counts = entries[0].map(\.documents)
        #expect((4...8).contains(counts.count), "\(counts)")
        #expect(counts.allSatisfy { $0 < 3_200 } && counts.reduce(0, +) == 10_000, "\(counts)")
    }
}
