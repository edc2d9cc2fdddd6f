import ApusTestSupport
import Foundation
import Testing

@testable import LearnedEncoder

/// The blended query side against its definition, and what a wrong `apus.json` is answered.
@Suite struct QueryBlendTests {
    /// Term by term over the whole vocabulary, in Double.
    private static func twin(_ blend: QueryBlend, _ siamese: SparseVector, _ table: SparseVector) -> [UInt32: Double] {
        func norm(_ vector: SparseVector) -> Double {
            vector.weights.map { Double($0) * Double($0) }.reduce(0, +).squareRoot()
        }
        func weight(_ vector: SparseVector, _ term: UInt32) -> Double {
            vector.terms.firstIndex(of: term).map { Double(vector.weights[$0]) } ?? 0
        }
        let (a, b, share) = (norm(siamese), norm(table), Double(blend.tableShare))
        var all: [(UInt32, Double)] = []
        for term in 0..<UInt32(64) {
            let mixed: Double
            if a == 0 {
                mixed = weight(table, term)
            } else if b == 0 {
                mixed = weight(siamese, term)
            } else {
                mixed = (1 - share) * weight(siamese, term) + share * a / b * weight(table, term)
            }
            if mixed > 0 { all.append((term, mixed)) }
        }
        let kept = all.enumerated().sorted { ($1.element.1, $0.offset) < ($0.element.1, $1.offset) }.prefix(
            blend.mostTerms)
        return Dictionary(uniqueKeysWithValues: kept.map(\.element))
    }

    @Test func randomVectorsBlendAsDefined() {
        var random = SplitMix64(seed: 41)
        for _ in 0..<400 {
            func vector() -> SparseVector {
                let terms = (0..<UInt32(64)).filter { _ in Int.random(in: 0..<4, using: &random) == 0 }
                // Few different weights, so that the cut falls among ties.
                let weights = terms.map { _ in Float(Int.random(in: 1...4, using: &random)) / 2 }
                return Bool.random(using: &random) || Bool.random(using: &random)
                    ? SparseVector(terms: terms, weights: weights) : SparseVector()
            }
            let blend = QueryBlend(
                tableShare: [0, 0.25, 0.5, 1].randomElement(using: &random) ?? 0,
                mostTerms: Int.random(in: 1...20, using: &random))
            let (siamese, table) = (vector(), vector())
            let found = blend.vector(siamese: siamese, table: table)
            let expected = Self.twin(blend, siamese, table)
            #expect(found.terms == found.terms.sorted() && found.terms.count == expected.count)
            #expect(found.terms.count <= blend.mostTerms)
            // Sums of equal parts may round apart in Float: then either term may be kept, with the same weight.
            for (one, other) in zip(found.weights.sorted(), expected.values.sorted()) {
                #expect(abs(Double(one) - other) <= 1e-5 * max(1, other))
            }
        }
    }

    @Test func tiesKeepTheLowerTerm() {
        let blend = QueryBlend(tableShare: 0.5, mostTerms: 2)
        let flat = SparseVector(terms: [3, 5, 9], weights: [1, 1, 1])
        #expect(blend.vector(siamese: flat, table: SparseVector()).terms == [3, 5])
        #expect(blend.vector(siamese: SparseVector(), table: flat).terms == [3, 5])
        #expect(blend.vector(siamese: flat, table: flat) == SparseVector(terms: [3, 5], weights: [1, 1]))
    }

    @Test(arguments: QuerySide.allCases) func queriesEncodedTogetherAreThoseEncodedAlone(side: QuerySide) throws {
        let encoder = try SparseEncoder(Fixture.embedded)
        let texts = [
            "how do glaciers move", "", "a", String(repeating: "plate boundary slip ", count: 30), "why do stars shine",
        ]
        let together = try encoder.encodeQueries(texts, side: side, threads: 2)
        for (text, vector) in zip(texts, together) {
            let alone = try encoder.encodeQuery(text, side: side)
            #expect(vector.terms == alone.terms)
            #expect(Fixture.difference((vector.terms, vector.weights), (alone.terms, alone.weights)) < 1e-4)
        }
    }

    @Test func theBundledModelBlendsItsOwnTwoSides() throws {
        let encoder = try SparseEncoder(Fixture.embedded)
        let blend = try #require(try QueryBlend(Fixture.embedded))
        for text in [
            "how do glaciers move", String(repeating: "plate boundary slip and seismic gap of Chile ", count: 20), "",
            "?",
        ] {
            let siamese = try encoder.encodeQuery(text, side: .siamese)
            let table = try encoder.encodeQuery(text, side: .inferenceFree)
            let found = try encoder.encodeQuery(text, side: .blended)
            #expect(found == blend.vector(siamese: siamese, table: table))
            #expect(found.terms.count <= blend.mostTerms)
        }
        #expect(encoder.description.querySides.last == .blended)
    }

    @Test(arguments: [
        #"{"blended_query": {"table_share": 1.5, "most_terms": 30}}"#, #"{"blended_query": {"table_share": 0.3}}"#,
        #"{"blended_query": {"table_share": 0.3, "most_terms": 0}}"#, #"{"blended_query": 3}"#, "[]", "{",
        #"{"blended_query": {"table_share": "x", "most_terms": 2.5}}"#,
    ])
    func aWrongSettingIsNamed(json: String) throws {
        let folder = try Self.copy(of: "bert-max", apus: json)
        let error = #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: folder)) }
        #expect(error?.description.contains("apus.json") == true)
    }

    @Test func aBlendNeedsBothSides() throws {
        let settings = #"{"blended_query": {"table_share": 0.3, "most_terms": 30}}"#
        let folder = try Self.copy(of: "distilbert-max", apus: settings)
        let error = #expect(throws: EncoderError.self) { try SparseEncoder(ModelFiles(folder: folder)) }
        #expect(error?.description.contains("idf.json") == true)
        #expect(
            try SparseEncoder(ModelFiles(folder: Self.copy(of: "distilbert-max", apus: "{}"))).description.querySides
                == [.siamese])
    }

    private static func copy(of name: String, apus json: String) throws -> String {
        let folder = try TestPaths.temporaryDirectory() + "/model"
        try FileManager.default.copyItem(atPath: Fixture.folder(name), toPath: folder)
        try Data(json.utf8).write(to: URL(fileURLWithPath: folder + "/apus.json"))
        return folder
    }
}
