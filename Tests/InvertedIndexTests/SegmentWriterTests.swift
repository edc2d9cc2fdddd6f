import ApusTestSupport
import Foundation
import Testing

@testable import InvertedIndex

/// A segment is the same however its postings came to it.
@Suite struct SegmentWriterTests {
    private func fill(_ writer: IndexWriter, documents: Int, seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        for number in 0..<documents {
            let words = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                let x = Double.random(in: 0..<1, using: &random)
                return "w\(Int(x * x * x * 300))"
            }
            let terms = (0..<50 as Range<UInt32>).filter { _ in Double.random(in: 0..<1, using: &random) < 0.15 }
            try await writer.add([
                IndexDocument(
                    id: "d\(random.next() % 1_000)-\(number)", wordBytes: words.flatMap { Array($0.utf8) },
                    wordEnds: words.reduce(into: []) { $0.append(($0.last ?? 0) + Int32($1.utf8.count)) }, terms: terms,
                    weights: terms.map { _ in Float.random(in: 0..<3, using: &random) })
            ])
        }
    }

    private func build(
        _ documents: Int, reorder: Bool, in directory: String, commitFirst: Bool, memory: Int? = nil,
        flushBytes: Int = 1 << 30
    ) async throws -> Segment {
        var options = IndexOptions()
        if let memory { options.memoryBytes = memory }
        options.flushBytes = flushBytes
        let writer = try IndexWriter.create(at: directory, options: options, vocabulary: (0..<50).map { "t\($0)" })
        try await fill(writer, documents: documents, seed: 4)
        if commitFirst { try await writer.commit() }
        try await writer.merge(to: 1, reorder: reorder)
        let segments = try await writer.commit().segments
        return try #require(segments.count == 1 ? segments[0] : nil)
    }

    /// Written at once in its final order, and by a merge of what was committed before.
    @Test(arguments: [(900, true), (3_000, true), (3_000, false)])
    func aLoneSegmentIsWhatAMergeWouldWrite(documents: Int, reorder: Bool) async throws {
        let directories = [try TestPaths.temporaryDirectory(), try TestPaths.temporaryDirectory()]
        defer { for directory in directories { try? FileManager.default.removeItem(atPath: directory) } }
        let once = try await build(documents, reorder: reorder, in: directories[0], commitFirst: false)
        let twice = try await build(documents, reorder: reorder, in: directories[1], commitFirst: true)
        #expect(once.entry.isReordered == twice.entry.isReordered)
        let bytes = try zip(directories, [once, twice]).map {
            try Data(contentsOf: URL(fileURLWithPath: $0 + "/" + $1.entry.file))
        }
        #expect(bytes[0] == bytes[1])
        let counts = [once, twice].map { [$0.entry.clipped, $0.entry.dropped, $0.entry.words] }
        #expect(counts[0] == counts[1])
        // One segment was written, not two.
        #expect(once.entry.file == "seg-1.safetensors")
    }

    /// Segments that had to be written because memory was full leave no trace once they are joined.
    @Test func aBuildInSmallPiecesIsTheSame() async throws {
        let directories = [try TestPaths.temporaryDirectory(), try TestPaths.temporaryDirectory()]
        defer { for directory in directories { try? FileManager.default.removeItem(atPath: directory) } }
        let whole = try await build(3_000, reorder: true, in: directories[0], commitFirst: false)
        let pieces = try await build(
            3_000, reorder: true, in: directories[1], commitFirst: false, memory: 1 << 30, flushBytes: 150_000)
        let bytes = try zip(directories, [whole, pieces]).map {
            try Data(contentsOf: URL(fileURLWithPath: $0 + "/" + $1.entry.file))
        }
        #expect(bytes[0] == bytes[1])
        #expect(pieces.entry.file != "seg-1.safetensors")
        #expect(whole.entry.clipped == pieces.entry.clipped && whole.entry.dropped == pieces.entry.dropped)
    }

    /// Little memory makes groups of neighbours; within each the order is a permutation.
    @Test func littleMemoryOrdersGroups() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let segment = try await build(4_200, reorder: true, in: directory, commitFirst: false, memory: 400_000)
        let rows = (0..<4_200).map { segment.row($0) }
        #expect(Set(rows).count == 4_200 && rows != Array(0..<4_200))
        // 4,200 documents of some 60 bytes each do not fit into an eighth of that: groups of little more than 1,024.
        let isGroup = rows[..<1_024].allSatisfy { $0 < 1_100 }
        #expect(isGroup)
        try segment.verify()
    }

    @Test func packedListsGiveBackWhatWasPutIn() {
        var random = SplitMix64(seed: 8)
        for _ in 0..<50 {
            var (counted, impacts) = (PackedPostings(), PackedPostings())
            var (expected, list) = (PostingList(), PostingList())
            var docid = UInt64.random(in: 0...3, using: &random)
            while docid < UInt32.max, expected.docids.count < 300 {
                let frequency = [1, 1, 1, 2, 127, 128, 20_000].randomElement(using: &random) ?? 1
                expected.docids.append(UInt32(docid))
                expected.values.append(UInt32(frequency))
                for _ in 0..<frequency { _ = counted.count(UInt32(docid)) }
                _ = impacts.append(UInt32(docid), impact: UInt8(frequency % 255 + 1))
                docid += 1 + random.next() % (1 << UInt64.random(in: 0...29, using: &random))
            }
            counted.decode(.text, &list)
            #expect(list.docids == expected.docids && list.values == expected.values)
            list = PostingList()
            impacts.decode(.learned, &list)
            #expect(list.docids == expected.docids && list.values == expected.values.map { $0 % 255 + 1 })
        }
    }

    /// The answer is that of Swift's own sort.
    @Test(arguments: [10, 2_000]) func postingsAreSortedByDocid(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        var order = PostingOrder(documents: 10_000)
        for _ in 0..<20 {
            let docids = Array((0..<10_000 as Range<UInt32>).shuffled(using: &random).prefix(count))
            var list = PostingList(docids: docids, values: docids.map { $0 &* 7 })
            order.sort(&list)
            #expect(list.docids == docids.sorted() && list.values == docids.sorted().map { $0 &* 7 })
        }
    }
}
