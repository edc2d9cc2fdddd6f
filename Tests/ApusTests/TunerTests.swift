import Apus
import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import InvertedIndex
import Testing

/// What the tuner calls recall is the share of the exact best documents, ties included.
@Suite struct TunerTests {
    private func index(_ vectors: [String]) async throws -> SearchIndex {
        let directory = try TestPaths.temporaryDirectory()
        let lines = vectors.enumerated().map { "{\"id\": \"d\($0)\", \"vector\": {\($1)}}" }
        try Data(lines.joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: directory + "/corpus.jsonl"))
        var builder = IndexBuilder(directory: directory + "/index")
        builder.importsVectors = true
        builder.reorders = false
        _ = try await builder.build(from: [directory + "/corpus.jsonl"])
        return try SearchIndex(directory + "/index")
    }

    private func report(
        _ index: SearchIndex, _ queries: [[QueryTerm]], hits: Int, isCancelled: () -> Bool = { false }
    ) throws -> TuningReport {
        var tuner = Tuner(index)
        tuner.hits = hits
        tuner.rounds = 1
        let topics = queries.indices.map { Topic(id: "\($0)", text: "") }
        let vectors = Dictionary(uniqueKeysWithValues: queries.enumerated().map { (ByteString("\($0)"), $1) })
        return try tuner.measure(topics, vectors: vectors, isCancelled: isCancelled)
    }

    /// Any ten of 640 equal documents are ten of the best.
    @Test func tiesWithTheLastHitCountAsFound() async throws {
        let index = try await index(Array(repeating: "\"a\": 7", count: 640))
        let report = try report(index, [[QueryTerm(term: "a", weight: 1)], []], hits: 10)
        #expect(report.rows.map(\.flags) == ["", "--ranges 8", "--ranges 16"])
        #expect(report.rows.map(\.recall) == [1, 1, 1])
        // Ids decide between equal scores, so nothing but scoring all proves that the right ones were taken.
        #expect(report.rows.map(\.provedExact) == [1, 0.5, 0.5])
    }

    /// Five terms of equal weight: documents of the one that is cut are missed.
    @Test func recallIsTheShareOfTheExactBest() async throws {
        let terms = ["a", "b", "c", "d", "e"]
        let vectors = (0..<100).map { "\"\(terms[$0 % 5])\": \(100 - $0)" }
        let index = try await index(vectors)
        let query = terms.map { QueryTerm(term: $0, weight: 1) }
        let report = try report(index, [query], hits: 10)
        // The ten best are two of each term; four terms find eight of them.
        #expect(report.rows.map(\.flags) == ["", "--query-terms 4"])
        #expect(report.rows.map(\.recall) == [1, 0.8])
        #expect(report.rows.map(\.worstRecall) == [1, 0.8])
        #expect(report.rows.map(\.provedExact) == [1, 0])
        #expect(report.recommended?.flags == "")
    }

    @Test func anInterruptedMeasurementReportsWhatItHas() async throws {
        let index = try await index(Array(repeating: "\"a\": 7", count: 640))
        var asked = 0
        let query = [QueryTerm(term: "a", weight: 1)]
        let none = try report(index, [query], hits: 5, isCancelled: { true })
        #expect(none.interrupted && none.rows.isEmpty && none.recommended == nil)
        let some = try report(
            index, [query], hits: 5,
            isCancelled: {
                asked += 1
                return asked > 6
            })
        #expect(some.interrupted && some.rows.count < 3)
    }
}
