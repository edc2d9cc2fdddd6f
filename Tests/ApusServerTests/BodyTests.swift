import Apus
import ApusServer
import Foundation
import Testing

/// Bodies that are broken, too long or too many cost the client an answer, and nobody else anything.
@Suite struct BodyTests {
    /// A chunk whose length is none: 400, not 500, and the connection is closed, as where the next request begins is unknown.
    @Test(arguments: ["g\r\n", "-1\r\n", "ffffffffffffffffff\r\nab", "5\r\nabcdefghi\r\n0\r\n\r\n", "2\nab\n0\r\n\r\n"])
    func brokenChunksAreTheClientsFault(chunk: String) async throws {
        try await RunningServer.with({ $0.idleSeconds = 5 }) { server async throws in
            let head = "POST /small/_search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            let next = "GET /v1 HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: next\r\n\r\n"
            let answer = await server.raw(head + chunk + next)
            #expect(answer.hasPrefix("HTTP/1.1 400"), "\(answer)")
            #expect(!answer.contains("X-Request-ID: next"))
        }
    }

    /// What is refused before it is a request is told why, as every other error is, and an answer before it stays what it was.
    @Test func whatIsNoRequestIsToldWhy() async throws {
        try await RunningServer.with({ $0.idleSeconds = 5 }) { server async throws in
            let fine = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let long =
                "GET /v1/small/search?query=\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n"
            let answers = await server.raw(fine + long)
            #expect(answers.hasPrefix("HTTP/1.1 200"), "\(answers)")
            let refused = try #require(answers.range(of: "HTTP/1.1 400"))
            let (head, body) = answers[refused.lowerBound...].split(once: "\r\n\r\n")
            #expect(head.lowercased().contains("content-length: \(body.utf8.count)"))
            #expect(body.hasPrefix(#"{"error":"The request line"#), "\(body)")
            #expect(
                await server.raw("GET / HTTX/1.1\r\n\r\n").contains(#"{"error":"This is not a request of HTTP/1.1"#))
        }
    }

    @Test func bodiesTogetherHaveOneRoom() async throws {
        // Room for four bodies of 64 KB, of which each takes 16 times as much when it is read as JSON.
        try await RunningServer.with({ $0.largestBody = 64 << 10 }) { server async throws in
            let words = String(repeating: "stone ", count: 4000)
            let large = try await server.ask("POST", "/small/_search", #"{"query":{"match":{"text":"\#(words)"}}}"#)
            #expect(large.status == 429 && large.text.contains("bodies"))
            // What was held is given back.
            for _ in 0..<20 {
                let body = #"{"query":{"match":{"text":"\#(words.prefix(12_000))"}}}"#
                #expect(try await server.ask("POST", "/small/_search", body).status == 200)
            }
        }
    }

    @Test func aBulkOfTooManyActionsIsRefused() async throws {
        try await RunningServer.with { server async throws in
            let lines = String(repeating: "{\"delete\":{\"_id\":\"x\"}}\n", count: 100_001)
            #expect(try await server.ask("POST", "/small/_bulk", lines).status == 413)
        }
    }

    @Test(arguments: [
        #"{"query":{"match":{"text":"a","title":"b"}}}"#,
        #"{"query":{"match":{"text":{"query":"a","operator":"and"}}}}"#,
        #"{"query":{"match":{"text":"a"}},"sizes":1}"#, #"{"query":{"match":{"text":"a"}},"_source":7}"#,
        #"{"query":{"neural_sparse":{"v":{"query_tokens":{"a":1e300}}}}}"#,
        #"{"query":{"hybrid":{"queries":[{"match":{"text":"a"}}],"weights":[1]}}}"#,
    ]) func whatWouldBePassedOverIsRefused(body: String) async throws {
        try await RunningServer.with { server async throws in
            #expect(try await server.ask("POST", "/small/_search", body).status == 400)
        }
    }
}

extension StringProtocol {
    /// What stands before and behind the first place of a text.
    fileprivate func split(once text: String) -> (String, String) {
        guard let place = range(of: text) else { return (String(self), "") }
        return (String(self[..<place.lowerBound]), String(self[place.upperBound...]))
    }
}
