import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import InvertedIndex

/// Passages on disk: what is not as it was written is said.
@Suite struct StoredPassageTests {
    private func stored(_ bytes: [UInt8], ends: [UInt64], places: [UInt32], last: [UInt32]) throws -> StoredPassages? {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/p.safetensors"
        let stream = try SafetensorsStream(path: path, mostTensors: 4)
        try stream.write(StoredPassages.bytesName, .u8, bytes)
        try stream.write("passages.ends", .u64, ends)
        try stream.write("passages.places", .u32, shape: [ends.count, 2], places)
        try stream.write("passages.last", .u32, last)
        _ = try stream.commit()
        return try StoredPassages(SafetensorsFile(bytes: MappedBytes(path: path)), documents: last.count)
    }

    @Test func bytesThatAreNoVectorAreSaid() throws {
        // A gap that never ends, and an impact that is missing.
        for bytes in [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x05, 0x03], [0x80]] as [[UInt8]] {
            let found = try stored(bytes, ends: [UInt64(bytes.count)], places: [0, 1], last: [1])
            let passages = try #require(found)
            #expect(passages.vector(of: 0) == nil)
            #expect(passages.sum(of: 0, terms: [1 << 40], weights: [1]) == nil)
        }
    }

    @Test func arraysThatContradictEachOtherAreRefused() throws {
        let bytes: [UInt8] = [0, 5, 0, 7]
        #expect(try stored(bytes, ends: [2, 4], places: [0, 1, 1, 2], last: [0, 2])?.count == 2)
        for (ends, places, last) in [
            ([4, 2], [0, 1, 1, 2], [0, 2]), ([2, 5], [0, 1, 1, 2], [0, 2]), ([2, 4], [1, 0, 1, 2], [0, 2]),
            ([2, 4], [0, 1, 1, 2], [0, 3]), ([2, 4], [0, 1, 1, 2], [2, 1]), ([2, 4], [0, 1, 1, 2], [0, 1]),
        ] as [([UInt64], [UInt32], [UInt32])] {
            #expect(throws: StorageError.self) { try stored(bytes, ends: ends, places: places, last: last) }
        }
    }

    @Test func passagesOfOtherDocumentsAreFound() async throws {
        let (first, second) = (
            try await PassageIndex(seed: 1, documents: 40, terms: 12),
            try await PassageIndex(seed: 2, documents: 40, terms: 12)
        )
        defer {
            first.remove()
            second.remove()
        }
        let (segment, other) = (first.snapshot.segments[0], second.snapshot.segments[0])
        let reader = try #require(segment.fields[.learned])
        func findings(_ passages: StoredPassages?) throws -> Int {
            var findings = FindingList(file: "x")
            PassageCheck(try #require(passages), segment).run(reader, &findings)
            return findings.findings.count
        }
        #expect(try findings(segment.passages) == 0)
        #expect(try findings(other.passages) > 0)
    }

    @Test func damagedPassagesAreNoAnswer() async throws {
        let index = try await PassageIndex(seed: 3, documents: 1000, terms: 12)
        defer { index.remove() }
        let segment = index.snapshot.segments[0]
        let tensor = try #require(segment.file.tensors[StoredPassages.bytesName])
        let place = tensor.offset + tensor.count / 2
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: segment.path))
        try file.seek(toOffset: UInt64(place))
        let byte = try #require(try file.read(upToCount: 1)?.first)
        try file.seek(toOffset: UInt64(place))
        try file.write(contentsOf: [byte ^ 0x11])
        try file.close()
        let opened = try IndexSnapshot.open(index.directory)
        let query = Query(field: .learned, terms: (0..<12).map { QueryTerm(term: "t\($0)", weight: 1) })
        #expect(throws: IndexError.self) { try opened.search(query, k: 1000, traversal: .exhaustive) }
        #expect(try !opened.deepCheck().isEmpty)
    }
}
