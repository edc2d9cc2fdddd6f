import Foundation
import Testing

@testable import LearnedEncoder

/// Weights led back to the words that they come from are those of the pooled vector.
@Suite struct WordWeightTests {
    private static let texts = [
        "Stakes hammered in a straight row across an Alpine glacier will form a curve by the following summer.",
        "naïve café 20°C — “quoted”, 東京 is big; e-mail: a_b@c.org!", "a",
        String(repeating: "lava flows from the volcano, and ash falls. ", count: 60),
    ]

    @Test(arguments: texts) func theBestOfEachTermIsItsWeight(text: String) throws {
        let encoder = try SparseEncoder(Fixture.embedded, precision: .f32)
        let vector = try #require(try encoder.encodeDocuments([text], threads: 1).first)
        let words = try #require(encoder.words(of: text, giving: Set(vector.terms)))
        let pooled = Dictionary(zip(vector.terms, vector.weights)) { $1 }
        var given: [UInt32: Float] = [:]
        for (term, weight) in words.flatMap(\.terms) {
            #expect(given[term] == nil, "a term comes from one word")
            given[term] = weight
        }
        for (term, weight) in given { #expect(abs(weight - (pooled[term] ?? 0)) < 1e-3) }
        // The others come from the special tokens around the text.
        #expect(given.count > vector.terms.count / 2)
        let bytes = Array(text.utf8)
        for word in words {
            #expect(word.range.upperBound <= bytes.count)
            #expect(String(validating: bytes[word.range], as: UTF8.self) != nil)
        }
        #expect(zip(words, words.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
    }

    @Test func onlyTheTermsAskedForAreTold() throws {
        let encoder = try SparseEncoder(Fixture.embedded)
        let text = "The volcano poured lava over the village."
        let volcano = try #require(encoder.vocabulary.firstIndex(of: "volcano"))
        let words = try #require(encoder.words(of: text, giving: [UInt32(volcano)]))
        #expect(words.map { String(decoding: Array(text.utf8)[$0.range], as: UTF8.self) } == ["volcano"])
        #expect(encoder.words(of: text, giving: [])?.isEmpty == true)
        #expect(encoder.words(of: "", giving: [UInt32(volcano)])?.isEmpty ?? true)
    }
}
