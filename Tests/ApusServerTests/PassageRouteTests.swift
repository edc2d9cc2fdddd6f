import Apus
import ApusServer
import ApusTestSupport
import Foundation
import Testing

/// Every door of the server names the passage that scored, and gives it by its number.
@Suite struct PassageRouteTests {
    private static let filler = Array(repeating: "stone mat", count: 20).joined(separator: " ")
    private static let texts = [
        "long": "\(filler) river water, light \(filler)", "other": "heart of stone", "third": "cat",
    ]

    private func with(_ body: @escaping @Sendable (RunningServer, ScoredPassage, String) async throws -> Void)
        async throws
    {
        let model = ModelChoice.folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")
        let split = PassageSplit(length: 8, stride: 4, aggregate: .best)
        try await RunningServer.with(model: model, texts: Self.texts, passages: split) { server in
            // Whose word it is: the library's.
            let index = try SearchIndex(server.index)
            var options = SearchOptions()
            options.mode = .splade
            let answer = try index.withTexts(index.search("river water", options))
            let long = try #require(answer.documents.first { $0.id == "long" })
            let passage = try #require(long.passage)
            let text = try #require(passage.text)
            #expect(passage.of > 3)
            try await body(server, passage, text)
        }
    }

    private func isSame(_ found: JSONTree?, _ passage: ScoredPassage, text: String?) -> Bool {
        found?["number"]?.integer == passage.number && found?["of"]?.integer == passage.of
            && found?["start"]?.integer == passage.start && found?["end"]?.integer == passage.end
            && found?["text"]?.string == text
    }

    @Test func searchesNameIt() async throws {
        try await with { server, passage, text in
            let anserini = try await server.ask("GET", "/v1/small/search?query=river+water&mode=splade")
            let candidates = anserini.json?["candidates"]?.elements ?? []
            let long = candidates.first { $0["docid"]?.string == "long" }
            #expect(isSame(long?["passage"], passage, text: text))
            #expect(candidates.contains { $0["passage"] == nil })
            let query = #"{"neural_sparse":{"learned":{"query_text":"river water"}}}"#
            for (source, shown) in [("true", text), ("false", nil)] as [(String, String?)] {
                let found = try await server.ask("POST", "/small/_search", #"{"_source":\#(source),"query":\#(query)}"#)
                let hit = found.json?["hits"]?["hits"]?.elements?.first { $0["_id"]?.string == "long" }
                #expect(isSame(hit?["passage"], passage, text: shown), "\(found.text)")
            }
            let explained = try await server.ask("GET", "/v1/small/explain?query=river+water&docid=long&mode=splade")
            #expect(isSame(explained.json?["passage"], passage, text: nil), "\(explained.text)")
            let page = try await server.ask("GET", "/small/?q=river+water&mode=splade")
            #expect(page.text.contains("passage \(passage.number) of \(passage.of)</span>"))
        }
    }

    @Test func oneCanBeGot() async throws {
        try await with { server, passage, text in
            let whole = try await server.ask("GET", "/v1/small/doc/long")
            #expect(whole.json?["passages"]?.integer == passage.of)
            #expect(whole.json?["doc"]?["text"]?.string == Self.texts["long"])
            let part = try await server.ask("GET", "/v1/small/doc/long?passage=\(passage.number)")
            #expect(isSame(part.json?["passage"], passage, text: text), "\(part.text)")
            #expect(try await server.ask("GET", "/v1/small/doc/long?passage=\(passage.of + 1)").status == 404)
            #expect(try await server.ask("GET", "/v1/small/doc/long?passage=0").status == 400)
            // A document of one passage is its first.
            let third = try await server.ask("GET", "/v1/small/doc/third?passage=1")
            #expect(third.json?["passage"]?["text"]?.string?.hasSuffix("cat") == true, "\(third.text)")
        }
    }

    @Test func agentsSearchAndGetIt() async throws {
        try await with { server, passage, text in
            let session = AgentSession([("small", try SearchIndex(server.index))])
            func call(_ tool: String, _ arguments: String) throws -> JSONTree {
                let line =
                    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"\#(tool)","arguments":\#(arguments)}}"#
                let answer = try #require(session.answer(to: line))
                return try #require(JSONTree(Array(answer.utf8))?["result"])
            }
            let found = try call("search", #"{"query":"river water","mode":"splade"}"#)
            let hit = found["structuredContent"]?["hits"]?.elements?.first { $0["id"]?.string == "long" }
            #expect(isSame(hit?["part"], passage, text: text))
            #expect(
                found["content"]?.elements?[0]["text"]?.string?.contains("(passage \(passage.number) of") == true)
            let got = try call("get", #"{"id":"long","passage":\#(passage.number)}"#)
            #expect(got["content"]?.elements?[0]["text"]?.string == text)
            #expect(try call("get", #"{"id":"long"}"#)["structuredContent"]?["passages"]?.integer == passage.of)
            #expect(try call("get", #"{"id":"long","passage":\#(passage.of + 1)}"#)["isError"]?.bool == true)
        }
    }
}
