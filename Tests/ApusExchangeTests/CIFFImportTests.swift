import Apus
import ApusExchange
import ApusTestSupport
import CIFF
import Foundation
import Testing

/// A file of another engine becomes an index that answers as its numbers say, and goes out again as it came in.
@Suite struct CIFFImportTests {
    private let fixtures = TestPaths.fixtures + "/Exchange/"
    private let folder: String

    init() throws { folder = try TestPaths.temporaryDirectory() }

    private func imported(
        _ file: String, _ field: Field?, _ change: (inout CIFFImport) -> Void = { _ in }
    ) async throws -> CIFFImport.Report {
        var task = CIFFImport(to: folder + "/index")
        (task.field, task.replaces) = (field, true)
        change(&task)
        return try await task.run(file)
    }

    @Test(arguments: [true, false], [2 << 30, 3000])
    func wordsGoInAndOutAsTheyAre(reorders: Bool, segmentBytes: Int) async throws {
        let report = try await imported(fixtures + "text.ciff", .text) { task in
            (task.reorders, task.segmentBytes) = (reorders, segmentBytes)
        }
        #expect(report.documents == 300 && (report.segments > 1) == (segmentBytes < 10_000))
        let index = try SearchIndex(folder + "/index")
        try index.verify()
        let out = folder + "/out.ciff"
        _ = try CIFFExport(of: index, field: .text).write(to: out)
        let (found, expected) = try (postings(out), postings(fixtures + "text.ciff"))
        #expect(found.lists == expected.lists && found.lengths == expected.lengths)
    }

    /// Okapi's formula, as Lucene spells it, over the file's own numbers. Lengths here are so short that Lucene's byte holds them.
    @Test func wordsAreScoredByBM25() async throws {
        _ = try await imported(fixtures + "text.ciff", .text) { $0.analyzer = .unicode }
        let (lists, lengths) = try postings(fixtures + "text.ciff")
        let average = Double(lengths.values.reduce(0, +)) / Double(lengths.count)
        func length(_ id: String) -> Double {
            // Four significant bits from 40 on.
            let length = lengths[id] ?? 0
            return Double(DocumentLength.rounded(length))
        }
        let index = try SearchIndex(folder + "/index")
        let hits = try index.snapshot.search(
            Query(field: .text, terms: [QueryTerm(term: "w3", weight: 1), QueryTerm(term: "w9", weight: 1)]), k: 300
        ).hits
        for hit in hits {
            var score = 0.0
            for term in ["w3", "w9"] {
                guard let list = lists[term], let tf = list[hit.id] else { continue }
                let (count, frequency) = (Double(list.count), Double(tf))
                let idf: Double = log(1 + (300 - count + 0.5) / (count + 0.5))
                let norm: Double = 1 - 0.4 + 0.4 * length(hit.id) / average
                score += idf * frequency / (frequency + 0.9 * norm)
            }
            #expect(abs(score - hit.score) < 1e-4, "\(hit.id)")
        }
        var holders = Set(lists["w3"].map { Array($0.keys) } ?? [])
        holders.formUnion(lists["w9"].map { Array($0.keys) } ?? [])
        #expect(Set(hits.map(\.id)) == holders)
    }

    /// The largest number is 720, so that 255 of them are left.
    @Test func impactsAboveAByteAreScaledDown() async throws {
        let report = try await imported(fixtures + "learned.ciff.gz", .learned)
        #expect(report.scale == 255 / Float(720) && report.dropped == 0)
        let out = folder + "/out.ciff.gz"
        _ = try CIFFExport(of: SearchIndex(folder + "/index"), field: .learned).write(to: out)
        let (found, expected) = try (postings(out), postings(fixtures + "learned.ciff.gz"))
        for (term, list) in expected.lists {
            let wanted = list.mapValues { UInt32((Float($0) * (255 / Float(720))).rounded()) }
            #expect(found.lists[term] == wanted)
        }
        // What was written says itself what it is, and comes back equal.
        _ = try await imported(out, nil)
        let again = folder + "/again.ciff"
        _ = try CIFFExport(of: SearchIndex(folder + "/index"), field: .learned).write(to: again)
        #expect(try postings(again).lists == found.lists)
    }

    /// What was imported lives on as any other index does.
    @Test func whatWasImportedCanBeChanged() async throws {
        _ = try await imported(fixtures + "learned.ciff.gz", .learned)
        let directory = folder + "/index"
        let before = try SearchIndex(directory)
        let kept = try before.snapshot.vector(of: "doc8")?.map { "\($0.term) \($0.weight)" }
        _ = try await DocumentDeletion(of: (0..<8).map { "doc\($0)" }).run(directory)
        let input = folder + "/more.jsonl"
        try "{\"id\":\"new\",\"contents\":\"a text\",\"vector\":{\"w3\":90}}\n"
            .write(toFile: input, atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory)
        (builder.importsVectors, builder.existing) = (true, .append)
        _ = try await builder.build(from: [input])
        _ = try await SegmentJoining(to: 1).run(directory)
        let after = try SearchIndex(directory)
        try after.verify()
        #expect(after.snapshot.segmentCount == 1 && after.snapshot.documentCount == 293)
        #expect(try after.documents.documents(["new"])["new"]?.text == "a text")
        #expect(try after.snapshot.vector(of: "doc8")?.map { "\($0.term) \($0.weight)" } == kept)
    }

    @Test func theFieldMustBeSaidOnce() async throws {
        let error = await #expect(throws: ExchangeError.self) { try await imported(fixtures + "text.ciff", nil) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("--field text"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/index"))
    }

    @Test func aBadFileLeavesWhatWasThere() async throws {
        _ = try await imported(fixtures + "text.ciff", .text)
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixtures + "text.ciff"))
        for cut in [10, 5000, whole.count - 3] {
            let bad = folder + "/bad.ciff"
            try whole.prefix(cut).write(to: URL(fileURLWithPath: bad))
            await #expect(throws: CIFFError.self) { try await imported(bad, .text) }
            let index = try SearchIndex(folder + "/index")
            #expect(index.snapshot.documentCount == 300 && index.snapshot.generation == 1)
        }
        var task = CIFFImport(to: folder + "/index")
        task.field = .text
        await #expect(throws: ExchangeError.indexExists(path: folder + "/index")) {
            try await task.run(fixtures + "text.ciff")
        }
    }

    @Test func theSameIDTwiceIsRefused() async throws {
        let writer = try CIFFWriter(
            path: folder + "/twice.ciff",
            header: CIFFHeader(lists: 1, documents: 2, totalTerms: 2, averageLength: 1, description: ""))
        try writer.append(term: [0x61], docids: [0, 1], values: [1, 1])
        for _ in 0..<2 { try writer.append(CIFFDocument(id: "same", length: 1)) }
        try writer.close()
        let error = await #expect(throws: CIFFError.self) { try await imported(folder + "/twice.ciff", .text) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("'same' is that of document 0 too"))
    }

    @Test func deletedDocumentsStayHereAndSegmentsAreOne() async throws {
        let small = try await SmallIndex()
        let index = try SearchIndex(small.path)
        #expect(index.snapshot.segmentCount > 1)
        let out = folder + "/out.ciff"
        let report = try CIFFExport(of: index, field: .learned).write(to: out)
        #expect(report.documents == small.lines.count)
        let (lists, lengths) = try postings(out)
        var expected: [String: [String: UInt32]] = [:]
        for line in small.lines {
            for (term, weight) in line.vector { expected[term, default: [:]][line.id] = UInt32(weight) }
            #expect(lengths[line.id] == line.vector.values.reduce(0, +))
        }
        #expect(lists == expected)
    }
}
