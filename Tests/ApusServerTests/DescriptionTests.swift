import Apus
import Foundation
import Testing

@testable import ApusServer

/// `/openapi.yaml` and the router tell of the same routes, and of each what else it answers.
@Suite struct DescriptionTests {
    @Test func theDescriptionHasTheRoutesAndNoOthers() async throws {
        try await RunningServer.with { server async throws in
            let (pool, encoding) = (WorkerPool(threads: 1, waiting: 1), EncodingQueue(batch: 1, waiting: 1, threads: 1))
            defer {
                pool.close()
                encoding.close()
            }
            let routes = server.server.routes(
                QueryAnswering(pool: pool, encoding: encoding, metrics: ServerMetrics()))
            let described = Self.routes(try await server.ask("GET", "/openapi.yaml").text)
            #expect(routes.subtracting(described).sorted() == [], "not described")
            #expect(described.subtracting(routes).sorted() == [], "described, but not there")
            #expect(routes.count > 25)
        }
    }

    @Test func aMethodThatAPathDoesNotTakeIsToldWhichItTakes() async throws {
        try await RunningServer.with { server async throws in
            let described = Self.routes(try await server.ask("GET", "/openapi.yaml").text)
            let paths = Dictionary(grouping: described.map { $0.split(separator: " ") }, by: { String($0[1]) })
            for (path, routes) in paths {
                var taken = Set(routes.map { String($0[0]) })
                if taken.contains("GET") { taken.insert("HEAD") }
                let real = path.replacing("{index}", with: "small").replacing("{docid}", with: "a1")
                for method in ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"] where !taken.contains(method) {
                    let answer = try await server.ask(method, real)
                    #expect(answer.status == 405, "\(method) \(real)")
                    #expect(answer.allow == taken.sorted().joined(separator: ", "), "\(method) \(real)")
                }
            }
            #expect(
                await server.raw("PROPFIND /v1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").contains(
                    " 405 "))
            #expect(try await server.ask("GET", "/metrics").text.contains(#"route="other other",status="405"} 1"#))
        }
    }

    /// The bytes of a body behind a HEAD would be read as the next response.
    @Test(arguments: ["/v1", "/none", "/v1/small/search", "/small/_bulk"])
    func aHeadHasNoBody(path: String) async throws {
        try await RunningServer.with { server async throws in
            let head = await server.raw("HEAD \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 "))
            #expect(head.hasSuffix("\r\n\r\n"))
            #expect(head.split(separator: "\r\n\r\n").count == 1)
        }
    }

    /// Methods and paths, by the description's indentation.
    private static func routes(_ description: String) -> Set<String> {
        var (routes, path) = (Set<String>(), "")
        for line in description.split(separator: "\n") {
            if line.hasPrefix("components:") { break }
            if line.hasPrefix("  /") {
                path = String(line.trimmingCharacters(in: [" ", ":"]))
            } else if line.hasPrefix("    "), let name = line.dropFirst(4).split(separator: ":").first,
                ["get", "put", "post", "delete", "patch"].contains(name)
            {
                routes.insert("\(name.uppercased()) \(path)")
            }
        }
        return routes
    }
}
