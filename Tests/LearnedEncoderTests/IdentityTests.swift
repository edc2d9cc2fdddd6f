import ApusTestSupport
import CApusKernels
import FileStorage
import Foundation
import Testing

@testable import LearnedEncoder

/// A model's identity decides whether an index opens with it: it must change with what changes vectors, and with nothing else.
@Suite struct IdentityTests {
    /// The identities that release 1 stored in its indexes: `apus model inspect` of its binary over all fixtures.
    private static func stored() throws -> [(name: String, identity: String)] {
        let text = try String(contentsOfFile: TestPaths.fixtures + "/LearnedEncoder/identities.tsv", encoding: .utf8)
        return text.split(separator: "\n").map { line in
            let fields = line.split(separator: "\t").map(String.init)
            return (fields[0], fields[1])
        }
    }

    @Test func identitiesStoredInOldIndexesStay() throws {
        let stored = try Self.stored()
        #expect(stored.count == 29)
        for (name, identity) in stored where name != "bundled" {
            let found = try SparseEncoder(ModelFiles(folder: Fixture.folder(name))).description.identity
            #expect(found == identity, "\(name)")
        }
    }

    @Test func theEmbeddedModelCarriesItsIdentity() throws {
        let files = Fixture.embedded
        let packed = try #require(try files.bytes(WeightFile.identityName))
        let weights = try #require(try files.bytes("model.safetensors"))
        // Hashed anew in one piece, as the first release did it.
        let identity = "safetensors-\(weights.count)-" + Checksum.digits(CRC32C.checksum(of: weights))
        unsafe #expect(String(decoding: packed.unsafeBytes, as: UTF8.self) == identity)
        #expect(try SparseEncoder(files).description.identity == identity)
        let stored = try Self.stored().first { $0.name == "bundled" }?.identity
        #expect(stored == identity)
    }

    @Test func aFolderIsNotBelievedAboutItsWeights() throws {
        let copy = try BadModelTests.Copy()
        try copy.write("apus.identity", Data("safetensors-1-00000000".utf8))
        let found = try SparseEncoder(ModelFiles(folder: copy.folder)).description.identity
        let stored = try Self.stored().first { $0.name == "bert-max" }?.identity
        #expect(found == stored)
    }

    @Test func whatChangesTokensChangesTheIdentity() throws {
        let plain = try SparseEncoder(ModelFiles(folder: Fixture.folder("bert-sum-untied")))
        let copy = try BadModelTests.Copy(of: "bert-sum-untied")
        try copy.edit("tokenizer_config.json", ["do_lower_case": false])
        let cased = try SparseEncoder(ModelFiles(folder: copy.folder))
        #expect(cased.description.identity.hasPrefix(plain.description.identity + "+tokens-"))
        #expect(try cased.encodeDocuments(["CAT"], threads: 1) != plain.encodeDocuments(["CAT"], threads: 1))
        try copy.edit("tokenizer_config.json", ["do_lower_case": true, "padding_side": "left"])
        #expect(try SparseEncoder(ModelFiles(folder: copy.folder)).description.identity == plain.description.identity)
    }

    /// RFC 3720's polynomial bit by bit.
    private static func slow(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
        }
        return ~value
    }

    @Test func theChecksumInStreamsIsThatOfOneBitAfterTheOther() throws {
        var random = SplitMix64(seed: 12)
        let bytes = (0..<30_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        for count in [0, 1, 7, 8, 255, 256, 767, 768, 769, 1536, 4096, 12_287, 12_288, 12_289, 13_056, 25_000, 29_993] {
            for start in [0, 3] {
                let slice = bytes[start..<start + count]
                let found = unsafe Array(slice).withUnsafeBytes { unsafe Checksum.of($0) }
                #expect(found == Self.slow(slice), "\(count) bytes from \(start)")
            }
        }
        for cut in [0, 1, 100, 29_999, 30_000] {
            let (a, b) = (Self.slow(bytes[..<cut]), Self.slow(bytes[cut...]))
            #expect(apus_crc32c_combine(a, b, UInt64(30_000 - cut)) == Self.slow(bytes[...]))
        }
    }

    @Test func aLargeFileHasTheChecksumOfItsPieces() throws {
        let folder = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let data = Data((0..<(9 << 20) + 5).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) })
        try data.write(to: URL(fileURLWithPath: folder + "/x"))
        let bytes = try MappedBytes(path: folder + "/x")
        #expect(Checksum.ofMapped(bytes) == CRC32C.checksum(of: bytes))
    }
}
