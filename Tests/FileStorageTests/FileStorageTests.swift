import ApusTestSupport
import CApusKernels
import FileStorage
import Foundation
import Testing

@Suite struct FileStorageTests {
    @Test func checksumsEqualThePublishedExamples() {
        #expect(CRC32C.checksum(of: Array("123456789".utf8)) == 0xE306_9283)
        #expect(CRC32C.checksum(of: [UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(of: (0..<32).map { UInt8($0) }) == 0x46DD_794E)
    }

    /// The oracle is the published example (RFC 3720, B.4) for one text, and the tables for lengths around those of streams.
    @Test func everyLevelGivesTheTablesChecksum() {
        let bytes = (0..<30_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        for level in 0..<Int32(APUS_LEVELS) where apus_has_level(level) != 0 {
            unsafe #expect(apus_crc32c_at(level, 0, Array("123456789".utf8), 9) == 0xE306_9283)
            for count in [0, 1, 7, 8, 767, 768, 769, 12_287, 12_288, 12_289, 25_000] {
                let (found, expected) = unsafe (
                    apus_crc32c_at(level, 5, bytes, count), apus_crc32c_at(Int32(APUS_LEVEL_PLAIN), 5, bytes, count)
                )
                #expect(found == expected, "level \(level), \(count) bytes")
            }
        }
    }

    @Test func aDroppedFileLeavesTheOldOneUntouched() throws {
        let path = try TestPaths.temporaryDirectory() + "/a"
        try AtomicFile.write([1, 2, 3], to: path)
        do {
            let file = try AtomicFile(path: path)
            try file.write([9, 9] as [UInt8])
        }
        let names = try Directory.names(in: Directory.parent(of: path))
        #expect(names == ["a"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
    }

    @Test func aLockIsHeldOnce() throws {
        let path = try TestPaths.temporaryDirectory() + "/write.lock"
        var first = try FileLock(path: path)
        #expect(first != nil)
        #expect(try FileLock(path: path) == nil)
        first = nil
        #expect(try FileLock(path: path) != nil)
    }

    private func sample(_ path: String) throws {
        let writer = try SafetensorsWriter(
            path: path, tensors: [.init("x", .f32, shape: [2, 2]), .init("y", .u8, shape: [3])], metadata: ["k": "v"])
        try writer.append("x", [1, 2, 3, 4] as [Float])
        try writer.append("y", [7, 8, 9] as [UInt8])
        try writer.commit()
    }

    @Test func safetensorsReadBackWhatWasWritten() throws {
        let path = try TestPaths.temporaryDirectory() + "/t.safetensors"
        try sample(path)
        let file = try SafetensorsFile(path: path)
        let x = unsafe try Array(file.unsafeTensor("x", of: Float.self, type: .f32, shape: [2, 2]))
        let y = unsafe try Array(file.unsafeTensor("y", of: UInt8.self, type: .u8))
        #expect(x == [1, 2, 3, 4])
        #expect(y == [7, 8, 9])
        #expect(file.metadata == ["k": "v"])
        #expect(throws: StorageError.self) { _ = try file.unsafeTensor("x", of: UInt8.self, type: .u8) }
    }

    @Test func everyTruncationIsRefused() throws {
        let directory = try TestPaths.temporaryDirectory()
        try sample(directory + "/t.safetensors")
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/t.safetensors")))
        let end = 64 * ((whole.count - 64) / 64) + 3  // the padding behind the last tensor carries nothing
        for length in 0..<end {
            try AtomicFile.write(Array(whole[..<length]), to: directory + "/cut")
            #expect(throws: StorageError.self, "cut at \(length)") { _ = try SafetensorsFile(path: directory + "/cut") }
        }
    }
}
