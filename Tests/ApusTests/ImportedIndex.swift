import Apus
import ApusTestSupport
import Foundation

/// An index of documents that bring their vectors, for the length of a test.
enum ImportedIndex {
    /// - Parameter lines: JSON lines with `id`, `contents` and `vector`.
    static func with(
        _ lines: [String], storesVectors: Bool = false, _ body: (SearchIndex) throws -> Void
    ) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let input = directory + "/v.jsonl"
        try lines.joined(separator: "\n").write(toFile: input, atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/index")
        builder.importsVectors = true
        builder.storesVectors = storesVectors
        _ = try await builder.build(from: [input])
        try body(try SearchIndex(directory + "/index"))
    }
}
