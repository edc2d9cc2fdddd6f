import ApusTestSupport
import FileStorage
import Foundation
import Testing

@testable import InvertedIndex

/// Learned vectors that are stored as such are those that the posting lists hold, whatever became of their segments.
@Suite struct StoredVectorTests {
    @Test(arguments: 0..<12 as Range<UInt64>)
    func theyAreWhatDocumentsWereGiven(seed: UInt64) async throws {
        let index = try await RandomIndex(
            seed: seed, documents: [1, 40, 700, 1_500][Int(seed % 4)], terms: seed % 3 == 0 ? 300 : 20,
            segments: seed % 2 == 0 ? 3 : 1, merged: seed % 5 == 0, profile: seed % 7 == 0 ? .compact : .standard,
            storesVectors: true, impacts: [1, 2, 31])
        defer { try? FileManager.default.removeItem(atPath: index.directory) }
        try compare(index)
        let ids = index.naive.documents.map(\.id).filter { _ in seed % 4 > 0 }
        let gone = ids.enumerated().filter { $0.offset % 3 == 0 }
        let rest = try await index.deleting(gone.map(\.element))
        try compare(rest)
        let writer = try IndexWriter.open(at: index.directory, vocabulary: index.vocabulary)
        _ = try await writer.merge(to: 1, reorder: true)
        let merged = try await writer.commit()
        #expect(merged.storesVectors && merged.segments.allSatisfy { $0.vectors != nil })
        #expect(try merged.deepCheck().isEmpty)
        for document in rest.naive.documents { try compare(document, merged) }
    }

    private func compare(_ index: RandomIndex) throws {
        #expect(try index.snapshot.deepCheck().isEmpty)
        for document in index.naive.documents { try compare(document, index.snapshot) }
    }

    private func compare(_ document: NaiveIndex.Document, _ snapshot: IndexSnapshot) throws {
        let vector = try #require(try snapshot.vector(of: document.id))
        #expect(vector.map(\.term) == document.vector.keys.sorted())
        #expect(vector.map { UInt32($0.weight) } == document.vector.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Documents of several parts, terms far apart.
    @Test func manyDocumentsAndTermsFarApart() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let vocabulary = (0..<17_000).map { "t\(100_000 + $0)" }
        // The first one holds every term, so that all of them are in the dictionary.
        func terms(_ number: Int) -> [UInt32] {
            switch number % 8_191 {
            case 0: number == 0 ? Array(0..<17_000) : [0, 1, 128, 129, 257, 16_641, 16_999]
            case let place where place % 20 > 1: []
            case let place: [UInt32(place), UInt32(place) + 8_000]
            }
        }
        var options = IndexOptions()
        (options.learnedScale, options.hasText, options.storesVectors) = (1, false, true)
        let writer = try IndexWriter.create(at: directory + "/index", options: options, vocabulary: vocabulary)
        try await writer.add(
            (0..<33_000).map {
                let terms = terms($0)
                return IndexDocument(
                    id: "d\($0)", wordBytes: [], wordEnds: [], terms: terms,
                    weights: terms.indices.map { Float($0 % 200 + 1) })
            })
        let snapshot = try await writer.commit()
        #expect(try snapshot.statistics().vectorBytes > 0)
        for number in Array(stride(from: 0, to: 33_000, by: 11)) + [8_191, 16_382, 32_764] {
            let vector = try #require(try snapshot.vector(of: "d\(number)"))
            #expect(vector.map(\.term) == terms(number).map { vocabulary[Int($0)] })
            #expect(vector.map(\.weight) == terms(number).indices.map { Float($0 % 200 + 1) })
        }
    }

    @Test func bytesThatAreNoVectorAreSaid() throws {
        // A gap that never ends, and an impact that is missing.
        for bytes in [[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], [0x00, 0x05, 0x03], [0x80]] as [[UInt8]] {
            let path = try TestPaths.temporaryDirectory() + "/v.safetensors"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let stream = try SafetensorsStream(path: path, mostTensors: 2)
            try stream.write(StoredVectors.bytesName, .u8, bytes)
            try stream.write("vectors.ends", .u64, [UInt64(bytes.count)])
            _ = try stream.commit()
            let vectors = try #require(
                try StoredVectors(SafetensorsFile(bytes: MappedBytes(path: path)), documents: 1))
            #expect(vectors.vector(of: 0) == nil)
        }
    }
}
