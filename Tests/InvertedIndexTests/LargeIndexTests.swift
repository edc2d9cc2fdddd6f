import ApusTestSupport
import InvertedIndex
import Testing

/// An index large enough that searches on several threads cut it.
@Suite struct LargeIndexTests {
    private static let documents = 210_000

    @Test func threadsAndTraversalsGiveTheSameHits() async throws {
        var random = SplitMix64(seed: 20)
        let directory = try TestPaths.temporaryDirectory()
        var options = IndexOptions()
        options.learnedScale = 1
        let terms = 40
        let writer = try IndexWriter.create(at: directory, options: options, vocabulary: (0..<terms).map { "t\($0)" })
        var batch: [IndexDocument] = []
        for number in 0..<Self.documents {
            // Neighbours are alike, as after reordering; term n is in about one of n + 2 documents of its topic.
            let topic = number / 3000 % 4
            var used: [UInt32] = []
            var term = topic
            while term < terms {
                if random.next() % UInt64(term + 2) == 0 { used.append(UInt32(term)) }
                term += 4
            }
            let weights = used.map { _ in Float(1 + random.next() % 9 * 20) }
            let words = used.isEmpty ? [] : [UInt8(ascii: "w")] + Array("\(used[0])".utf8)
            batch.append(
                IndexDocument(
                    id: "d\(number)", wordBytes: words, wordEnds: words.isEmpty ? [] : [Int32(words.count)],
                    terms: used,
                    weights: weights))
            if batch.count == 5000 {
                try await writer.add(batch)
                batch = []
            }
        }
        try await writer.add(batch)
        try await writer.merge(to: 1)
        let snapshot = try await writer.commit()
        #expect(snapshot.segmentCount == 1)
        var ranges = 0
        for number in 0..<8 {
            let used = (0..<(number % 4 + 1) * 3).map { _ in Int(random.next() % UInt64(terms)) }
            let learned = Query(
                field: .learned, terms: used.map { QueryTerm(term: "t\($0)", weight: Float(1 + $0 % 5)) })
            let text = Query(field: .text, terms: used.prefix(4).map { QueryTerm(term: "w\($0)", weight: 1) })
            let fused = FusedQuery(text: text, learned: learned, weight: 0.6)
            let all = try snapshot.search(learned, k: 3000, traversal: .exhaustive).hits
            let allFused = try snapshot.search(fused, k: 3000, traversal: .exhaustive).hits
            for (k, threads) in [(1, 2), (10, 1), (10, 2), (10, 3), (1000, 1), (1000, 2), (3000, 2)] {
                for traversal in [Traversal.automatic, .range, .exhaustive, .maxScore] {
                    let result = try snapshot.search(learned, k: k, traversal: traversal, threads: threads)
                    #expect(
                        result.hits == Array(all.prefix(k)), "query \(number), k \(k), \(threads) threads, \(traversal)"
                    )
                    #expect(result.certificate.isExact)
                    if k == 10, traversal == .range { ranges = max(ranges, result.counters.ranges) }
                    guard traversal != .maxScore else { continue }
                    let both = try snapshot.search(fused, k: k, traversal: traversal, threads: threads)
                    #expect(
                        both.hits == Array(allFused.prefix(k)),
                        "fused \(number), k \(k), \(threads) threads, \(traversal)")
                }
            }
        }
        #expect(ranges == snapshot.rangeCount)
    }
}
