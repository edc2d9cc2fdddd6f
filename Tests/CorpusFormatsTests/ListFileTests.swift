import ApusTestSupport
import Foundation
import Testing

@testable import CorpusFormats

/// Lists of shards come back as they were written, and what was cut or changed is refused with its place.
@Suite struct ListFileTests {
    private static let head = #"{"depth":10,"format":"apus lists 1"}"#

    private static let lists = ListFile(
        head: head,
        lists: [
            .init(topic: "q1", list: "text"): [
                ListedDocument(id: "é", score: 1.1, rawScore: 12), ListedDocument(id: "a", score: 1e-9, rawScore: 1),
            ],
            .init(topic: "q1", list: "learned"): [ListedDocument(id: "b", score: 0.1 + 0.2, rawScore: .max)],
            .init(topic: "q2", list: "text"): [ListedDocument(id: "a", score: 3, rawScore: 9)],
        ])

    @Test(arguments: ["lists", "lists.gz"]) func listsComeBackAsTheyWere(name: String) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/" + name
        try Self.lists.write(to: path, topics: ["q1", "q2", "q3"])
        #expect(try ListFile(path: path) == Self.lists)
    }

    @Test func aFileThatWasCutIsRefused() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/lists"
        try Self.lists.write(to: path, topics: ["q1", "q2"])
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        // Without its line feed the last line is whole.
        for length in 0..<whole.count - 1 {
            try whole.prefix(length).write(to: URL(fileURLWithPath: path))
            #expect(throws: FormatError.self, "\(length) bytes") { try ListFile(path: path) }
        }
    }

    @Test(arguments: [
        ("q1 text a 1 2 3\nend 1", "line 2"), ("q1 text a x 2\nend 1", "line 2"), ("q1 text a 1 -2\nend 1", "line 2"),
        ("q1 text a 1 2\nq2 text a 1 2\nq1 text b 1 1\nend 3", "line 4"), ("q1 text a 1 2\nend 2", "promises 2"),
        ("end 0\nq1 text a 1 2 3", "promises 0"), ("q1 text a 1 2\n", "missing after 1"),
    ]) func eachFaultIsSaidWithItsPlace(lines: String, place: String) throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/lists"
        try (Self.head + "\n" + lines).write(toFile: path, atomically: true, encoding: .utf8)
        do {
            _ = try ListFile(path: path)
            Issue.record("read")
        } catch { #expect("\(error)".contains(place), "\(error)") }
    }

    @Test func otherFilesAreNoLists() throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/run"
        try "q1 Q0 d1 1 2.5 x\n".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: FormatError.self) { try ListFile(path: path) }
    }
}
