import Apus
import ApusServer
import Foundation
import Testing

/// What a server refuses, and that it goes on.
@Suite struct SafetyTests {
    @Test func aKeyIsAskedForWhereThereIsOne() async throws {
        try await RunningServer.with({ $0.keys = ["secret", "other"] }) { server async throws in
            #expect(try await server.ask("GET", "/v1/small/search?query=a").status == 401)
            #expect(
                try await server.ask("GET", "/v1/small/search?query=a", headers: ["X-API-Key": "secre"]).status == 401)
            #expect(
                try await server.ask("GET", "/v1/small/search?query=a", headers: ["X-API-Key": "secretx"]).status == 401
            )
            #expect(
                try await server.ask("GET", "/v1/small/search?query=a", headers: ["X-API-Key": "other"]).status == 200)
            #expect(try await server.ask("GET", "/v1", headers: ["Authorization": "Bearer secret"]).status == 200)
            #expect(try await server.ask("GET", "/healthz").status == 200)
        }
    }

    @Test func pagesOfOtherSitesChangeNothing() async throws {
        try await RunningServer.with { server in
            func ask(_ request: String, _ host: String, _ more: String = "") async -> String {
                let body = #"{"text":"a"}"#
                let head = "\(request) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(more)"
                return String(
                    await server.raw(head + "Content-Length: \(body.utf8.count)\r\n\r\n" + body).prefix { $0 != "\r\n" }
                )
            }
            let own = "127.0.0.1:\(server.port)"
            let put = "PUT /small/_doc/x"
            #expect(await ask(put, own, "Origin: https://example.org\r\n").contains("403"))
            #expect(await ask(put, own, "Origin: null\r\n").contains("403"))
            #expect(await ask(put, "rebound.example.org:\(server.port)").contains("403"))
            #expect(await ask("GET /v1/small/search?query=a", "rebound.example.org").contains("403"))
            #expect(await ask(put, own, "Origin: http://\(own)\r\n").contains("201"))
            #expect(await ask(put, "localhost:\(server.port)").contains("200"))
        }
        try await RunningServer.with({ $0.keys = ["k"] }) { server in
            let head = "GET /v1/small/search?query=a HTTP/1.1\r\nHost: search.example.org\r\nX-API-Key: k\r\n"
            let answer = await server.raw(head + "Connection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200"))
        }
    }

    @Test func limitsAreKept() async throws {
        try await RunningServer.with({
            $0.isReadOnly = true
            $0.longestQuery = 100
            $0.largestBody = 1000
        }) { server async throws in
            #expect(try await server.ask("PUT", "/small/_doc/x", #"{"text":"a"}"#).status == 403)
            #expect(try await server.ask("POST", "/small/_bulk", "{\"delete\":{\"_id\":\"a1\"}}\n").status == 403)
            let long = String(repeating: "a", count: 101)
            #expect(try await server.ask("GET", "/v1/small/search?query=\(long)").status == 400)
            #expect(try await server.ask("GET", "/v1/small/search?query=a&hits=10001").status == 400)
            #expect(try await server.ask("GET", "/v1/small/search?query=a&hits=101&snippets=true").status == 400)
            #expect(try await server.ask("GET", "/v1/small/search?query=%FF").status == 400)
            #expect(try await server.ask("GET", "/v1/small/search?query=%C3%A4+b%2B").text.contains(#""text":"ä b+""#))
            #expect(try await server.ask("GET", "/v1/none/search?query=a").status == 404)
            #expect(try await server.ask("GET", "/../../etc/passwd").status == 404)
            #expect(try await server.ask("GET", "/v1/..%2F..%2Fetc/doc/passwd").status == 404)
            #expect(
                try await server.ask("POST", "/embed_sparse", #"{"inputs":"\#(String(repeating: "b", count: 2000))"}"#)
                    .status == 413)
        }
    }

    @Test func aClientsRequestIDComesBackUnlessItIsUnusable() async throws {
        try await RunningServer.with { server async throws in
            let answer = try await server.ask("GET", "/healthz", headers: ["X-Request-ID": "abc-1"])
            #expect(answer.requestID == "abc-1")
            let long = String(repeating: "x", count: 200)
            let other = try await server.ask("GET", "/healthz", headers: ["X-Request-ID": long])
            #expect(other.requestID?.count == 36)
        }
    }

    @Test func whatIsNoHTTPDoesNoHarm() async throws {
        try await RunningServer.with({ $0.idleSeconds = 1 }) { server async throws in
            let attacks = [
                "nonsense\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
                "GET /v1 HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                "GET /v1 HTTP/1.1\r\n" + String(repeating: "X-A: b\r\n", count: 5000) + "\r\n",
                "GET /" + String(repeating: "a", count: 200_000) + " HTTP/1.1\r\n\r\n",
                "POST /small/_search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nabcd",
                "GET /v1/small/search?query=a%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a\u{7F}b\r\nConnection: close\r\n\r\n",
                // Never ends; the deadline does.
                "POST /small/_search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{",
            ]
            for attack in attacks {
                let answer = await server.raw(attack)
                #expect(!answer.contains("HTTP/1.1 5"), "\(attack.prefix(60)): \(answer.prefix(200))")
                #expect(!answer.contains("\nSet-Cookie"))
            }
            #expect(try await server.ask("GET", "/v1/small/search?query=stone").status == 200)
        }
    }

    @Test func gzipIsForThoseWhoTakeIt() async throws {
        try await RunningServer.with { server async throws in
            let request = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            #expect(await !server.raw(request + "\r\n").contains("Content-Encoding"))
            #expect(
                await server.raw(request + "Accept-Encoding: br, gzip\r\n\r\n").contains("Content-Encoding: gzip"))
            #expect(
                await !server.raw(request + "Accept-Encoding: gzip;q=0\r\n\r\n").contains("Content-Encoding"))
            let plain = try await server.ask("GET", "/openapi.yaml")
            #expect(plain.text.contains("openapi: 3.1.0"))
        }
    }
}
