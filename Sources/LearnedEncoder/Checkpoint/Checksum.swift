import CApusKernels
import FileStorage
import Foundation
import ParallelWork

/// CRC-32C of what a model is made of, in the form that identities have.
enum Checksum {
    /// Pieces that workers share out.
    private static let piece = 4 << 20

    /// The checksum of mapped bytes, on all cores where they are many.
    static func ofMapped(_ bytes: MappedBytes) -> UInt32 {
        // Safe: the mapping lives for the whole call.
        defer { withExtendedLifetime(bytes) {} }
        nonisolated(unsafe) let all = unsafe bytes.unsafeBytes
        let count = unsafe all.count
        let pieces = (count + piece - 1) / piece
        @Sendable func range(_ index: Int) -> Range<Int> { index * piece..<min(count, (index + 1) * piece) }
        let sums = ParallelMap.map(count: pieces, threads: ProcessInfo.processInfo.activeProcessorCount, chunk: 1) {
            indices in
            indices.map { unsafe of(UnsafeRawBufferPointer(rebasing: all[range($0)])) }
        }
        return sums.enumerated().reduce(0) { apus_crc32c_combine($0, $1.element, UInt64(range($1.offset).count)) }
    }

    /// The checksum of bytes in memory, continuing from `seed`.
    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.baseAddress.map { unsafe apus_crc32c(seed, $0, bytes.count) } ?? seed
    }

    /// The checksum of a text, continuing from `seed`.
    static func of(_ text: String, seed: UInt32 = 0) -> UInt32 {
        unsafe Array(text.utf8).withUnsafeBytes { unsafe of($0, seed: seed) }
    }

    /// Eight hexadecimal digits.
    static func digits(_ value: UInt32) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
