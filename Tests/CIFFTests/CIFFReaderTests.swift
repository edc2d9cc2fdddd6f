import ApusTestSupport
import CIFF
import CorpusFormats
import Foundation
import Testing

/// What Google's protocol buffers wrote is read and written back; whatever is wrong is told with its place, and nothing traps.
@Suite struct CIFFReaderTests {
    private struct Expected: Decodable {
        var lists: [String: [String: UInt32]]
        var documents: [Pair]

        struct Pair: Decodable {
            var id: String
            var length: Int

            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                (id, length) = (try pair.decode(String.self), try pair.decode(Int.self))
            }
        }
    }

    private let fixtures = TestPaths.fixtures + "/Exchange/"
    private let folder: String

    init() throws { folder = try TestPaths.temporaryDirectory() }

    private func write(_ bytes: [UInt8]) throws -> String {
        let path = folder + "/x.ciff"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func lists(_ reader: CIFFReader) throws -> [CIFFList] {
        var (lists, list): ([CIFFList], CIFFList) = ([], CIFFList())
        while try reader.nextList(&list) { lists.append(list) }
        return lists
    }

    private func documents(_ reader: CIFFReader) throws -> [CIFFDocument] {
        var documents: [CIFFDocument] = []
        while let document = try reader.nextDocument() { documents.append(document) }
        return documents
    }

    private func readAll(_ bytes: [UInt8]) throws {
        let reader = try CIFFReader(path: try write(bytes))
        _ = try lists(reader)
        _ = try documents(reader)
    }

    /// Scripts/oracles/exchange-files.
    @Test(arguments: [("text.ciff", 1 as UInt32), ("learned.ciff.gz", 90)])
    func readsWhatGooglesProtocolBuffersWrote(name: String, factor: UInt32) throws {
        let expected = try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: URL(fileURLWithPath: fixtures + "ciff.json")))
        let reader = try CIFFReader(path: fixtures + name)
        #expect(reader.header.lists == expected.lists.count && reader.header.documents == expected.documents.count)
        let found = try lists(reader)
        for list in found {
            let wanted = expected.lists[String(decoding: list.term, as: UTF8.self)] ?? [:]
            #expect(list.docids.map { String($0) } == wanted.keys.sorted { (Int($0) ?? 0) < (Int($1) ?? 0) })
            #expect(list.values == list.docids.map { (wanted[String($0)] ?? 0) * factor })
        }
        let records = try documents(reader)
        #expect(records == expected.documents.map { CIFFDocument(id: $0.id, length: $0.length * Int(factor)) })
    }

    @Test func writesWhatItReadByteForByte() throws {
        let reader = try CIFFReader(path: fixtures + "text.ciff")
        let path = folder + "/again.ciff"
        let writer = try CIFFWriter(path: path, header: reader.header)
        for list in try lists(reader) { try writer.append(term: list.term, docids: list.docids, values: list.values) }
        for document in try documents(reader) { try writer.append(document) }
        try writer.close()
        let (again, first) = try (
            Data(contentsOf: URL(fileURLWithPath: path)), Data(contentsOf: URL(fileURLWithPath: fixtures + "text.ciff"))
        )
        #expect(again == first)
    }

    /// A list in one message is longer than what is read at once.
    @Test func longListsAreReadInPieces() throws {
        let count: UInt32 = 120_000
        let path = folder + "/long.ciff.gz"
        let writer = try CIFFWriter(
            path: path,
            header: CIFFHeader(lists: 1, documents: Int(count), totalTerms: 1, averageLength: 1, description: "d"))
        let docids = Array(0..<count)
        try writer.append(term: Array("x".utf8), docids: docids, values: docids.map { $0 % 300 + 1 })
        for docid in docids { try writer.append(CIFFDocument(id: "d\(docid)", length: 1)) }
        try writer.close()
        let reader = try CIFFReader(path: path)
        let found = try lists(reader)
        #expect(found.count == 1 && found[0].docids == docids && found[0].values == docids.map { $0 % 300 + 1 })
        #expect(try documents(reader).count == Int(count))
    }

    @Test func fewerThanPromisedAreNotWritten() throws {
        let header = CIFFHeader(lists: 2, documents: 1, totalTerms: 1, averageLength: 1, description: "")
        let path = folder + "/few.ciff"
        let writer = try CIFFWriter(path: path, header: header)
        try writer.append(term: [0x61], docids: [0], values: [1])
        #expect(throws: CIFFError.self) { try writer.close() }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    /// A fault of a file, and what has to be said of it.
    struct Fault: Sendable, CustomTestStringConvertible {
        let says: [String]
        let make: @Sendable (inout CIFFFile) -> Void
        var testDescription: String { says.joined(separator: ", ") }

        init(_ says: String..., make: @escaping @Sendable (inout CIFFFile) -> Void) {
            (self.says, self.make) = (says, make)
        }
    }

    static let faults = [
        Fault("message 1 at byte 0", "version is 2") { $0.header(lists: 0, documents: 0, version: 2) },
        Fault("message 1 at byte 0", "counts 90000 documents") { $0.header(lists: 1, documents: 90_000) },
        Fault("message 2 at byte", "posting list 1 of 1 should follow") { $0.header(lists: 1, documents: 1) },
        Fault("message 2 at byte", "'a' has 2 postings and says 3") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(0, 1), (1, 1)], df: 3)
        },
        Fault("message 2", "posting 2 of 'a' has the gap 0; docids must ascend") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(1, 1), (0, 1)])
        },
        Fault("message 2", "posting 2 of 'a' has the gap -1") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(1, 1), (-1, 1)])
        },
        Fault("message 2", "posting 1 of 'a' has the gap -7") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(-7, 1)])
        },
        Fault("message 2", "is of document 2, and the header counts 2") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(2, 1)])
        },
        Fault("message 2", "has the frequency 0") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(0, 0)])
        },
        Fault("message 2", "has the frequency -4") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(0, -4)])
        },
        Fault("message 3", "'a' stands behind 'b'; terms must ascend") {
            $0.header(lists: 2, documents: 1)
            $0.list("b", [(0, 1)])
            $0.list("a", [(0, 1)])
        },
        Fault("message 3", "'a' stands behind 'a'") {
            $0.header(lists: 2, documents: 1)
            $0.list("a", [(0, 1)])
            $0.list("a", [(0, 1)])
        },
        Fault("message 2", "has no postings") {
            $0.header(lists: 1, documents: 1)
            $0.list("a", [])
        },
        Fault("message 4", "it is document 0, and 1 should follow") {
            $0.header(lists: 1, documents: 2)
            $0.list("a", [(0, 1)])
            $0.document(0, "x")
            $0.document(0, "y")
        },
        Fault("message 3", "the id 'x y' holds white space") {
            $0.header(lists: 1, documents: 1)
            $0.list("a", [(0, 1)])
            $0.document(0, "x y")
        },
        Fault("message 3", "document 0 has no id") {
            $0.header(lists: 1, documents: 1)
            $0.list("a", [(0, 1)])
            $0.document(0, "")
        },
        Fault("message 3", "its length is -1") {
            $0.header(lists: 1, documents: 1)
            $0.list("a", [(0, 1)])
            $0.document(0, "x", length: -1)
        },
        Fault("message 4", "more follows than the header says") {
            $0.header(lists: 1, documents: 1)
            $0.list("a", [(0, 1)])
            $0.document(0, "x")
            $0.document(1, "y")
        },
        Fault("message 2", "the file ends in the middle of it") {
            $0.header(lists: 1, documents: 1)
            $0.bytes += CIFFFile.varint(1 << 30) + [0x0A]
        },
        Fault("message 2", "it would have") {
            $0.header(lists: 1, documents: 1)
            $0.bytes += CIFFFile.varint(1 << 60)
        },
        Fault("message 2", "a field of it would have") {
            $0.header(lists: 1, documents: 1)
            $0.append([0x0A] + CIFFFile.varint(1 << 29) + [0x61])
        },
    ]

    @Test(arguments: faults) func aFaultIsToldWithItsPlace(fault: Fault) throws {
        var file = CIFFFile()
        fault.make(&file)
        let error = #expect(throws: CIFFError.self) { try readAll(file.bytes) }
        let text = error.map { "\($0)" } ?? ""
        for part in fault.says { #expect(text.contains(part), "\(text)") }
        #expect(text.contains("x.ciff"))
    }

    @Test func whateverIsCutOffIsAnError() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixtures + "text.ciff")))
        var random = SplitMix64(seed: 1)
        let cuts = Array(0..<200) + (0..<100).map { _ in Int.random(in: 0..<whole.count, using: &random) }
        for cut in cuts { #expect(throws: CIFFError.self) { try readAll(Array(whole[..<cut])) } }
    }

    @Test func changedBytesNeverTrap() throws {
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixtures + "text.ciff")))
        var random = SplitMix64(seed: 2)
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0..<3 {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            do { try readAll(bytes) } catch is CIFFError {}
        }
    }
}
