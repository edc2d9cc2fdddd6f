import ApusTestSupport
import Foundation
import Testing

@testable import LearnedEncoder

/// `query_side` of a model's `apus.json`.
@Suite struct PreferredQuerySideTests {
    private func side(_ json: String) throws -> QuerySide? {
        let copy = try BadModelTests.Copy(of: "bert-max")
        try copy.write("apus.json", Data(json.utf8))
        return try SparseEncoder(ModelFiles(folder: copy.folder)).description.preferredQuerySide
    }

    @Test func itIsReadWhereTheModelHasIt() throws {
        #expect(try side(#"{"query_side": "inference-free"}"#) == .inferenceFree)
        #expect(try side(#"{"query_side": "siamese"}"#) == .siamese)
        #expect(try side("{}") == nil)
        #expect(
            try side(#"{"query_side": "blended", "blended_query": {"table_share": 0.5, "most_terms": 9}}"#) == .blended)
    }

    @Test(arguments: [#""blended""#, #""quick""#, "3"])
    func anotherOneIsRefused(value: String) {
        #expect(throws: EncoderError.self) { try side(#"{"query_side": \#(value)}"#) }
    }
}
