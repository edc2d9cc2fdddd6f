import ApusTestSupport
import CApusKernels
import Foundation
import Testing

@testable import FileStorage

/// Whatever is asked for is compared with its checksum, and nothing else.
@Suite struct CheckedFileTests {
    /// A file of so many bytes with its checksums behind them, and their root.
    private func file(_ count: Int) throws -> (path: String, bytes: [UInt8], root: UInt32) {
        var random = SplitMix64(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        // The obvious way: a checksum of each 4,096 bytes.
        let sums = stride(from: 0, to: count, by: 4096).flatMap { start in
            unsafe withUnsafeBytes(of: CRC32C.checksum(of: Array(bytes[start..<min(start + 4096, count)])).littleEndian)
            {
                unsafe Array($0)
            }
        }
        let path = try TestPaths.temporaryDirectory() + "/checked"
        try AtomicFile.write(bytes + sums, to: path)
        return (path, bytes + sums, CRC32C.checksum(of: sums))
    }

    @Test(arguments: [4, 4_092, 4_096, 4_100, 8_192, 32_768, 40_964, 100_000])
    func checksumsMadePieceByPieceAreThoseOfThePages(count: Int) throws {
        let (path, bytes, root) = try file(count)
        var pages = PageChecksums()
        unsafe bytes.prefix(count).withUnsafeBytes { whole in
            for start in stride(from: 0, to: count, by: 1_000) {
                unsafe pages.update(UnsafeRawBufferPointer(rebasing: whole[start..<min(start + 1_000, count)]))
            }
        }
        unsafe #expect(pages.sums.withUnsafeBytes { CRC32C.checksum(of: $0) } == root)
        let checked = try CheckedFile(MappedBytes(path: path), root: root)
        #expect(checked.covered == count)
        try checked.verify(0..<count)
        try checked.verifyAll()
    }

    @Test func aChangedPageIsFoundByWhoeverAsksForItAndByNobodyElse() throws {
        let (path, bytes, root) = try file(100_000)
        for place in stride(from: 3, to: 100_000, by: 9_001) {
            var damaged = bytes
            damaged[place] ^= 1
            try AtomicFile.write(damaged, to: path)
            let checked = try CheckedFile(MappedBytes(path: path), root: root)
            let page = place / 4096 * 4096
            let found = page..<min(page + 4096, 100_000)
            try checked.verify(0..<page)
            try checked.verify(found.upperBound..<100_000)
            for _ in 0..<2 {
                #expect(throws: StorageError.damaged(path: path, bytes: found)) {
                    try checked.verify(place..<place + 1)
                }
                #expect(throws: StorageError.damaged(path: path, bytes: found)) { try checked.verify(0..<100_000) }
            }
            #expect(throws: StorageError.damaged(path: path, bytes: found)) { try checked.verifyAll() }
            // Nobody has read it, as far as was noted; then somebody has.
            try checked.verify(0..<100_000, onlyRead: true)
            unsafe checked.unsafeStates[place / 4096] |= UInt8(APUS_PAGE_READ)
            #expect(throws: StorageError.damaged(path: path, bytes: found)) {
                try checked.verify(0..<100_000, onlyRead: true)
            }
        }
    }

    @Test func theChecksumsThemselvesAreUnderTheRoot() throws {
        let (path, bytes, root) = try file(20_000)
        for place in 20_000..<bytes.count {
            var damaged = bytes
            damaged[place] ^= 0x40
            try AtomicFile.write(damaged, to: path)
            #expect(throws: StorageError.self) { _ = try CheckedFile(MappedBytes(path: path), root: root) }
        }
        for count in [0, 1, 3, 4, 5, 100, 20_000, bytes.count - 1] {
            try AtomicFile.write(Array(bytes.prefix(count)), to: path)
            #expect(throws: StorageError.self) { _ = try CheckedFile(MappedBytes(path: path), root: root) }
        }
    }
}
