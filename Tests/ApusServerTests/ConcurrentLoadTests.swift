import Apus
import ApusTestSupport
import Foundation
import Testing

/// Many clients that search, filter, page, encode, add and delete at once; ThreadSanitizer watches this (`Scripts/test --sanitize
/// thread --server`).
@Suite struct ConcurrentLoadTests {
    @Test func clientsOfAllKindsGetWhatTheyWouldAlone() async throws {
        try await RunningServer.with(model: .folder(TestPaths.fixtures + "/LearnedEncoder/bert-max")) { server in
            let alone = try await server.ask("GET", "/v1/small/search?query=stone&mode=bm25&filter=number%20%3C%205")
            let encoded = try await server.ask("POST", "/encode", #"{"text":"molten rock","query":true}"#)
            #expect(alone.status == 200 && encoded.status == 200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<12 {
                    group.addTask {
                        var random = SplitMix64(seed: UInt64(client))
                        for number in 0..<(12 * SharedFindings.rounds) {
                            switch (client + number) % 6 {
                            case 0:
                                // Others' documents have no number, so the filter leaves them out; scores know them all.
                                let found = try await server.ask(
                                    "GET", "/v1/small/search?query=stone&mode=bm25&filter=number%20%3C%205")
                                #expect(found.status == 200 && Set(found.candidates) == Set(alone.candidates))
                            case 1:
                                let again = try await server.ask(
                                    "POST", "/encode", #"{"text":"molten rock","query":true}"#)
                                #expect(again.text == encoded.text)
                            case 2:
                                try await Self.change(server, "c\(client)-\(number)", isBulk: random.next() % 2 == 0)
                            case 3: try await Self.page(server)
                            case 4:
                                let side = random.next() % 2 == 0 ? "siamese" : "inference-free"
                                let path = "/v1/small/search?query=glaciers+\(number)&query_side=\(side)&snippets=true"
                                #expect(try await server.ask("GET", path).status == 200)
                            default:
                                let text = try await server.ask("GET", "/metrics").text
                                #expect(text.contains("apus_requests_total"))
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try SearchIndex(server.index).deepCheck().isEmpty)
        }
    }

    private static func change(_ server: RunningServer, _ id: String, isBulk: Bool) async throws {
        let put =
            isBulk
            ? try await server.ask("POST", "/small/_bulk", "{\"index\":{\"_id\":\"\(id)\"}}\n{\"text\":\"an ibex\"}\n")
            : try await server.ask("PUT", "/small/_doc/\(id)", #"{"text":"an ibex"}"#)
        let got = try await server.ask("GET", "/small/_doc/\(id)")
        let deleted = try await server.ask("DELETE", "/small/_doc/\(id)")
        let gone = try await server.ask("GET", "/small/_doc/\(id)")
        let statuses = [put.status, got.status, deleted.status, gone.status]
        #expect(statuses == [isBulk ? 200 : 201, 200, 200, 404] as [Int])
    }

    /// Two pages of a snapshot are one answer, whatever is written between.
    private static func page(_ server: RunningServer) async throws {
        let held = try await server.ask("POST", "/small/_search/point_in_time?keep_alive=1m").json?["pit_id"]?.string
        let token = try #require(held)
        func hits(_ from: Int, _ size: Int) async throws -> [String] {
            let body =
                #"{"from":\#(from),"size":\#(size),"query":{"match":{"text":"stone ibex"}},"pit":{"id":"\#(token)"}}"#
            return try await server.ask("POST", "/_search", body).hits
        }
        let whole = try await hits(0, 4)
        let first = try await hits(0, 2)
        let second = try await hits(2, 2)
        #expect(first + second == whole)
        #expect(try await server.ask("DELETE", "/_search/point_in_time", #"{"pit_id":"\#(token)"}"#).status == 200)
    }
}
