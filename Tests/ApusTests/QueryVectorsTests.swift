import Apus
import ApusTestSupport
import ByteStrings
import CorpusFormats
import Foundation
import Testing

/// Learned queries out of a file: each under its own id, none twice, and never none at all.
@Suite struct QueryVectorsTests {
    private func read(_ text: String) throws -> QueryVectors {
        let path = try TestPaths.temporaryDirectory() + "/queries.jsonl"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try QueryVectors.read(path)
    }

    /// Ids are bytes, as trec_eval compares them; whole numbers are ids as they are spelled.
    @Test func everyQueryKeepsItsOwnTerms() throws {
        let vectors = try read(
            "{\"id\": 3, \"vector\": {\"x\": 1}}\n{\"id\":\"caf\u{E9}\",\"vector\":{\"y\":2}}\n{\"id\":\"cafe\u{301}\",\"vector\":{\"z\":3}}\n"
        )
        #expect(vectors.topics.count == 3 && vectors.topics.first?.id == "3")
        #expect(vectors.terms["3"]?.map(\.term) == ["x"])
        #expect(vectors.terms["caf\u{E9}"]?.map(\.term) == ["y"])
        #expect(vectors.terms["cafe\u{301}"]?.map(\.term) == ["z"])
    }

    @Test(arguments: [
        (
            "{\"id\":\"a\",\"vector\":{}}\n{\"id\":\"a\",\"vector\":{\"x\":1}}\n",
            "line 2: the id 'a' is already on line 1"
        ),
        ("{\"id\":\"a\",\"vector\":{\"x\":1},\"vector\":{\"y\":1}}\n", "line 1: the member \"vector\""),
        ("", "holds no vectors: it is empty"), ("\n\n", "holds no vectors: it is empty"),
        ("{\"id\":1.5,\"vector\":{}}", "\"id\" is the number 1.5"),
        ("{\"id\":false,\"vector\":{}}", "\"id\" is a truth value"),
    ])
    func brokenQueriesAreNamed(text: String, message: String) throws {
        let error = #expect(throws: FormatError.self) { _ = try read(text) }
        #expect(error?.description.contains(message) == true, "\(String(describing: error))")
    }
}
