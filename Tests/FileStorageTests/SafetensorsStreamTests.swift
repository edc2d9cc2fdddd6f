import ApusTestSupport
import Foundation
import Testing

@testable import FileStorage

/// A container written in one pass is read like any other; the format is safetensors' own.
@Suite struct SafetensorsStreamTests {
    /// Below 1 MiB the whole file waits in the buffer; above, the header is filled in on disk.
    @Test(arguments: [0, 1, 5_000, 3_000_000]) func whatIsWrittenIsRead(count: Int) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/stream.safetensors"
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        let numbers = (0..<UInt32(count / 7)).map { $0 &* 2_654_435_761 }
        let file = try SafetensorsStream(path: path, mostTensors: 2, metadata: ["format": "test"])
        try file.begin("bytes", .u8)
        for start in stride(from: 0, to: count, by: 700_000) {
            try file.append(Array(bytes[start..<min(start + 700_000, count)]))
        }
        try file.end(shape: [count])
        try file.write("numbers", .u32, numbers)
        let (size, root) = try file.commit()
        let read = try SafetensorsFile(path: path)
        #expect(read.bytes.count == size && read.metadata == ["format": "test"])
        let (foundBytes, foundNumbers) = unsafe (
            Array(try read.unsafeTensor("bytes", of: UInt8.self, type: .u8)),
            Array(try read.unsafeTensor("numbers", of: UInt32.self, type: .u32))
        )
        #expect(foundBytes == bytes && foundNumbers == numbers)
        let checked = try CheckedFile(read.bytes, root: root)
        try checked.verifyAll()
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["stream.safetensors"])
    }

    @Test func aTensorOfAnotherSizeIsRefusedAndLeavesNothing() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        do {
            let file = try SafetensorsStream(path: directory + "/stream.safetensors", mostTensors: 1)
            try file.begin("bytes", .u8)
            try file.append([1, 2, 3] as [UInt8])
            #expect(throws: StorageError.self) { try file.end(shape: [4]) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
    }

    @Test(arguments: [0, 10, 100_000]) func scratchBytesComeBackInOrder(most: Int) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let scratch = ScratchFile(directory: directory, most: most)
        var expected: [UInt8] = []
        for piece in 0..<300 {
            let bytes = [UInt8](repeating: UInt8(piece % 256), count: piece * 31 % 9_000)
            try scratch.append(bytes)
            expected += bytes
        }
        // It has no name from the beginning.
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        var found: [UInt8] = []
        try scratch.read { (piece) throws(StorageError) in found += piece }
        #expect(found == expected && scratch.count == expected.count)
    }
}
