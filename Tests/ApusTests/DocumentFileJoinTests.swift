import ApusTestSupport
import Foundation
import Testing

@testable import Apus
@testable import InvertedIndex

/// Joined texts are the rows that were asked for, numbered anew.
@Suite struct DocumentFileJoinTests {
    private func text(_ name: String) -> StoredText {
        StoredText(
            title: "title \(name)", text: "text\u{0} \(name)",
            metadata: name.hasSuffix("1") ? nil : "{\"n\":\"\(name)\"}")
    }

    private func write(_ names: [String], to path: String) throws -> SegmentTexts {
        let writer = DocumentFileWriter()
        try writer.append(names.map(text), to: path)
        return SegmentTexts(path: path, rows: names.count, identity: try writer.finish())
    }

    @Test(arguments: [[nil, nil], [[0, 2], nil], [nil, [1]], [[3], [0, 1]], [[], [0, 1]]] as [[[UInt32]?]])
    func rowsAreCopiedAndNumberedAnew(rows: [[UInt32]?]) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let names = [["a0", "a1", "a2", "a3"], ["b0", "b1"]]
        let parts = try zip(names, 0...).map { try write($0, to: "\(directory)/part\($1).sqlite") }
        let identity = try DocumentFileWriter().join(parts, rows: rows, to: directory + "/joined.sqlite")
        let kept = zip(names, rows).flatMap { names, rows in rows?.map { names[Int($0)] } ?? names }
        let joined = try DocumentFile(
            SegmentTexts(path: directory + "/joined.sqlite", rows: kept.count, identity: identity))
        for (row, name) in kept.enumerated() { #expect(try joined.row(UInt32(row)) == text(name)) }
        #expect(throws: IndexError.self) { try joined.row(UInt32(kept.count)) }
        // The same rows written at once say the same of themselves.
        let whole = try write(kept, to: directory + "/whole.sqlite")
        #expect(whole.identity == identity)
    }

    @Test func aRowThatIsNotThereIsDamage() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let part = try write(["a", "b"], to: directory + "/part.sqlite")
        #expect(throws: IndexError.self) {
            try DocumentFileWriter().join([part], rows: [[0, 2]], to: directory + "/joined.sqlite")
        }
    }
}
