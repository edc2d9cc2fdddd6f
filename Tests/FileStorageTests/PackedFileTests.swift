import ApusTestSupport
import Foundation
import Testing

@testable import FileStorage

/// What is packed comes back, and anything else than what was packed is an error.
@Suite struct PackedFileTests {
    private func container(_ directory: String, _ count: Int) throws -> (path: String, bytes: Int, crc32c: UInt32) {
        let file = try SafetensorsStream(path: directory + "/whole", mostTensors: 2, metadata: ["format": "test"])
        try file.write("bytes", .u8, (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37) })
        try file.write("numbers", .u32, (0..<UInt32(count / 7)).map { $0 &* 2_654_435_761 })
        #expect(file.isSmall)
        let path = directory + "/small.packed"
        let (bytes, crc32c) = try file.commit(packedAs: path)
        return (path, bytes, crc32c)
    }

    @Test(arguments: [0, 1, 700, 200_000]) func aPackedContainerIsReadLikeAnyOther(count: Int) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (path, bytes, crc32c) = try container(directory, count)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["small.packed"])
        let read = try SafetensorsFile(bytes: PackedFile.content(of: path, bytes: bytes, crc32c: crc32c))
        #expect(read.metadata == ["format": "test"])
        let found = unsafe Array(try read.unsafeTensor("bytes", of: UInt8.self, type: .u8, shape: [count]))
        #expect(found == (0..<count).map { UInt8(truncatingIfNeeded: $0 &* $0 &* 37) })
        let numbers = unsafe Array(try read.unsafeTensor("numbers", of: UInt32.self, type: .u32))
        #expect(numbers == (0..<UInt32(count / 7)).map { $0 &* 2_654_435_761 })
    }

    /// Also where the checksum is that of the damaged bytes, nothing but an error or some content comes of them.
    @Test func anotherFileIsAnError() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let (path, count, crc32c) = try container(directory, 700)
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        for place in whole.indices {
            for bytes in [Array(whole[..<place]), Array(whole[..<place]) + [whole[place] ^ 4] + whole[(place + 1)...]] {
                try Data(bytes).write(to: URL(fileURLWithPath: path))
                #expect(throws: StorageError.self, "byte \(place)") {
                    try PackedFile.content(of: path, bytes: count, crc32c: crc32c)
                }
                let own = try? PackedFile.content(
                    of: path, bytes: bytes.count, crc32c: CRC32C.checksum(of: bytes))
                #expect(own?.copied() != whole)
            }
        }
        #expect(throws: StorageError.missing(path: directory + "/no")) {
            try PackedFile.content(of: directory + "/no", bytes: 1, crc32c: 0)
        }
    }

    @Test func aLargeContainerIsNotPacked() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let file = try SafetensorsStream(path: directory + "/whole", mostTensors: 1)
        try file.write("bytes", .u8, [UInt8](repeating: 1, count: PackedFile.mostBytes + 1))
        #expect(!file.isSmall)
    }
}
