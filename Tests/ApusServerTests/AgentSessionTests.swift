import Apus
import ApusServer
import ApusTestSupport
import Foundation
import Testing

/// The Model Context Protocol, message by message. The official client of Python agreed (Documentation, Serving).
@Suite struct AgentSessionTests {
    private func with(_ body: (AgentSession) throws -> Void) async throws {
        let directory = try TestPaths.temporaryDirectory()
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let lines = RunningServer.texts.map { #"{"_id":"\#($0.key)","text":"\#($0.value)"}"# }
        try lines.joined(separator: "\n").write(toFile: directory + "/in.jsonl", atomically: true, encoding: .utf8)
        var builder = IndexBuilder(directory: directory + "/small")
        builder.model = ModelChoice.none
        _ = try await builder.build(from: [directory + "/in.jsonl"])
        try body(AgentSession([("small", try SearchIndex(directory + "/small"))]))
    }

    private func result(_ session: AgentSession, _ method: String, _ parameters: String = "{}") throws -> JSONTree {
        let line = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(parameters)}"#
        let answer = try #require(session.answer(to: line))
        return try #require(JSONTree(Array(answer.utf8)))
    }

    @Test func theToolsAnswer() async throws {
        try await with { session in
            let hello = try result(session, "initialize", #"{"protocolVersion":"2025-03-26","capabilities":{}}"#)
            #expect(hello["result"]?["protocolVersion"]?.string == "2025-03-26")
            let tools = try result(session, "tools/list")["result"]?["tools"]?.elements?.compactMap {
                $0["name"]?.string
            }
            #expect(tools == ["search", "get", "explain", "similar", "stats"])
            let found = try result(
                session, "tools/call", #"{"name":"search","arguments":{"query":"glaciers","hits":2}}"#)
            let hits = found["result"]?["structuredContent"]?["hits"]?.elements
            #expect(hits?.compactMap { $0["id"]?.string } == ["a3"])
            let got = try result(session, "tools/call", #"{"name":"get","arguments":{"id":"a4"}}"#)
            #expect(got["result"]?["content"]?.elements?[0]["text"]?.string == "the sea is deep")
            let why = try result(
                session, "tools/call", #"{"name":"explain","arguments":{"id":"a4","query":"deep sea"}}"#)
            #expect(why["result"]?["content"]?.elements?[0]["text"]?.string?.contains("It is the best.") == true)
        }
    }

    @Test func mistakesAreSaid() async throws {
        try await with { session in
            #expect(session.answer(to: "nonsense")?.contains("-32700") == true)
            #expect(session.answer(to: "[]")?.contains("-32600") == true)
            #expect(session.answer(to: #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#) == nil)
            #expect(try result(session, "nothing")["error"]?["code"]?.integer == -32601)
            #expect(try result(session, "tools/call", #"{"name":"delete"}"#)["error"]?["code"]?.integer == -32602)
            let none = try result(session, "tools/call", #"{"name":"get","arguments":{"id":"zz"}}"#)
            #expect(none["result"]?["isError"]?.bool == true)
            let many = try result(session, "tools/call", #"{"name":"search","arguments":{"query":"a","hits":1000}}"#)
            #expect(many["result"]?["content"]?.elements?[0]["text"]?.string?.contains("1 to 100") == true)
        }
    }
}
