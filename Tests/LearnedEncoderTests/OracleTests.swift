import ParallelWork
import Testing
import TextAnalysis

@testable import LearnedEncoder

/// Vectors equal those of Hugging Face transformers. Fixtures: Scripts/oracles/encoder-vectors.
@Suite struct OracleTests {
    @Test(arguments: Fixture.tinyModels)
    func tinyCheckpointsAgreeWithTransformers(name: String) throws {
        let encoder = try SparseEncoder(ModelFiles(folder: Fixture.folder(name)), precision: .f32)
        let expected = try Fixture.expected(name + "/expected.json")
        let found = encoder.documents.workspaces.withObject { workspace in
            expected.map { encoder.documents.transformer.encode([$0.ids], workspace)[0] }
        }
        for (row, vector) in zip(expected, found) {
            // Sum pooling adds up to 48 weights, so its tolerance is relative to the sum.
            let largest = max(1, row.weights.max() ?? 0)
            #expect(Fixture.difference(vector, (row.terms, row.weights)) <= 1e-4 * largest, "\(row.text)")
        }
    }

    @Test func theEmbeddedModelAgreesWithTransformers() throws {
        let encoder = try SparseEncoder(Fixture.embedded, precision: .f32)
        let expected = try Fixture.expected("bundled.json")
        let found = Self.encode(expected.map(\.ids), encoder)
        #expect(found.count == expected.count)
        for (row, vector) in zip(expected, found) {
            #expect(Fixture.difference(vector, (row.terms, row.weights)) <= 1e-4, "\(row.text)")
        }
    }

    /// One text at a time: together they are longer than a workspace.
    private static func encode(_ texts: [[Int32]], _ encoder: SparseEncoder) -> [(terms: [UInt32], weights: [Float])] {
        encoder.documents.workspaces.withObject { workspace in
            texts.map { encoder.documents.transformer.encode([$0], workspace)[0] }
        }
    }

    @Test func theEmbeddedTokenizerGivesTheIdsOfTransformers() throws {
        let encoder = try SparseEncoder(Fixture.embedded)
        for row in try Fixture.expected("bundled.json") {
            let encoding = encoder.documents.tokenizer.encode(row.text, maximumLength: 256, addingSpecialTokens: true)
            #expect(encoding.ids == row.ids, "\(row.text)")
        }
        #expect(encoder.description.querySides == [.siamese, .inferenceFree, .blended])
    }

    @Test func theSmallModelAgreesWithTransformers() throws {
        let expected = try Fixture.expected("tiny.json")
        let encoder = try SparseEncoder(Fixture.tiny, precision: .f32)
        for (row, vector) in zip(expected, Self.encode(expected.map(\.ids), encoder)) {
            #expect(Fixture.difference(vector, (row.terms, row.weights)) <= 1e-4, "\(row.text)")
        }
        #expect(encoder.description.preferredQuerySide == .inferenceFree)
        let rounded = try SparseEncoder(Fixture.tiny, precision: .int8)
        // "the the the" has no term.
        let cosines = zip(expected, Self.encode(expected.map(\.ids), rounded)).filter { !$0.0.terms.isEmpty }.map {
            Fixture.cosine($1, ($0.terms, $0.weights))
        }
        #expect(cosines.count >= 20 && cosines.reduce(0, +) / Double(cosines.count) >= 0.999, "\(cosines)")
        #expect((cosines.min() ?? 0) >= 0.995, "\(cosines)")
    }

    /// Without the splitting of outlier channels the least cosine is .9935.
    @Test(arguments: [Precision.int8, .bf16])
    func lowerPrecisionKeepsTheDirectionOfTheVectors(precision: Precision) throws {
        let encoder = try SparseEncoder(Fixture.embedded, precision: precision)
        let expected = try Fixture.expected("bundled.json")
        let found = Self.encode(expected.map(\.ids), encoder)
        let cosines = zip(expected, found).map { Fixture.cosine($1, ($0.terms, $0.weights)) }
        #expect(cosines.reduce(0, +) / Double(cosines.count) >= (precision == .int8 ? 0.999 : 0.9999))
        #expect((cosines.min() ?? 0) >= (precision == .int8 ? 0.995 : 0.999))
    }
}
