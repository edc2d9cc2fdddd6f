import ApusTestSupport
import Foundation
import InvertedIndex
import Testing

/// Document vectors divided by (norm / mean norm)^power before they become impacts. The oracle does it with lists of numbers.
@Suite struct VectorNormTests {
    private let vocabulary = (0..<30).map { "t\($0)" }

    private struct Vector {
        let id: String
        var terms: [UInt32]
        var weights: [Float]

        var norm: Double { weights.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot() }
        var document: IndexDocument {
            IndexDocument(id: id, wordBytes: [], wordEnds: [], terms: terms, weights: weights)
        }
    }

    private func vectors(_ count: Int, from first: Int = 0, seed: UInt64) -> [Vector] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { number in
            // Some have no term at all: they have no norm and no part in the mean.
            let size = number % 10 == 3 ? 0 : Int.random(in: 1...20, using: &random)
            let terms = (0..<30).shuffled(using: &random).prefix(size).sorted().map { UInt32($0) }
            return Vector(
                id: "d\(first + number)", terms: terms,
                weights: terms.map { _ in Float.random(in: 0.01...3, using: &random) })
        }
    }

    /// Impacts by hand: the mean and the scale come from the first documents alone.
    private func impacts(_ all: [Vector], sample: Int, power: Double) -> [String: [String: UInt32]] {
        let norms = all.prefix(sample).map(\.norm).filter { $0 > 0 }
        let mean = norms.reduce(0, +) / Double(norms.count)
        func even(_ vector: Vector) -> [Float] {
            guard vector.norm > 0 else { return vector.weights }
            let factor = Float(pow(mean / vector.norm, power))
            return vector.weights.map { $0 * factor }
        }
        let largest = all.prefix(sample).flatMap { even($0) }.max() ?? 1
        let scale = 255 / (1.1 * largest)
        var impacts: [String: [String: UInt32]] = [:]
        for vector in all {
            var stored: [String: UInt32] = [:]
            for (term, weight) in zip(vector.terms, even(vector)) {
                let impact = (weight * scale).rounded()
                if impact >= 1 { stored["t\(term)"] = UInt32(min(impact, 255)) }
            }
            impacts[vector.id] = stored
        }
        return impacts
    }

    private func stored(_ snapshot: IndexSnapshot, _ ids: [String]) throws -> [String: [String: UInt32]] {
        var found: [String: [String: UInt32]] = [:]
        for id in ids {
            let query = Query(field: .learned, terms: vocabulary.map { QueryTerm(term: $0, weight: 1) })
            let explained = try #require(try snapshot.explain(query, documentID: id))
            found[id] = Dictionary(uniqueKeysWithValues: explained.terms.map { ($0.term, $0.value) })
        }
        return found
    }

    @Test(arguments: [0.25, 1], [nil, 3_000])
    func impactsAreThoseOfEvenedVectors(power: Double, flushBytes: Int?) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var options = IndexOptions()
        options.norms = VectorNorms(power: power)
        options.hasText = false
        options.flushBytes = flushBytes
        let first = vectors(600, seed: 1)
        let later = vectors(200, from: 600, seed: 2)
        // A buffer that is flushed before the sample is whole agrees on the mean earlier, as it does on the scale.
        var sample = IndexWriter.scaleSample
        var writer: IndexWriter? = try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary)
        for (number, vector) in first.enumerated() {
            try await writer?.add([vector.document])
            let segments = await writer?.segmentCount ?? 0
            if segments > 0 { sample = min(sample, number + 1) }
        }
        #expect((sample < IndexWriter.scaleSample) == (flushBytes != nil))
        try await writer?.commit()
        writer = nil
        // Later additions use the same mean, by whichever writer.
        writer = try IndexWriter.open(at: directory, vocabulary: vocabulary)
        try await writer?.add(later.map(\.document))
        let snapshot = try #require(try await writer?.commit())
        let expected = impacts(first + later, sample: sample, power: power)
        #expect(try stored(snapshot, expected.keys.sorted()) == expected)
        let norms = try #require(snapshot.norms)
        #expect(norms.power == power && norms.mean != nil)

        // Joining, replacing and deleting keep it.
        let replaced = vectors(1, from: 5, seed: 9)
        try await writer?.update(replaced.map(\.document))
        try await writer?.delete(["d6"])
        try await writer?.merge(to: 1)
        let merged = try #require(try await writer?.commit())
        var wanted = impacts(first + later + replaced, sample: sample, power: power)
        wanted["d6"] = nil
        #expect(merged.norms == norms && merged.segmentCount == 1)
        #expect(try stored(merged, wanted.keys.sorted()) == wanted)
        writer = nil
    }

    @Test func withoutThemVectorsStayAsTheyAre() async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let all = vectors(600, seed: 3)
        var options = IndexOptions()
        options.hasText = false
        let writer = try IndexWriter.create(at: directory, options: options, vocabulary: vocabulary)
        try await writer.add(all.map(\.document))
        let snapshot = try await writer.commit()
        #expect(snapshot.norms == nil)
        #expect(
            try stored(snapshot, all.map(\.id)) == impacts(all, sample: IndexWriter.scaleSample, power: 0))
    }
}
