import Apus
import Foundation
import Testing

/// Changes over HTTP are those of the library, durable when they are answered and seen by every later search.
@Suite struct DocumentRouteTests {
    @Test func documentsComeChangeAndGo() async throws {
        try await RunningServer.with { server async throws in
            let body = #"{"title":"New","text":"a walrus","year":2024,"deep":{"a":[1, 2]}}"#
            let created = try await server.ask("PUT", "/small/_doc/n1", body)
            #expect(created.status == 201 && created.json?["result"]?.string == "created")
            // Another process sees it at once.
            #expect(try SearchIndex(server.index).snapshot.contains("n1"))
            let got = try await server.ask("GET", "/small/_doc/n1")
            #expect(got.text.contains(#""_source":{"title":"New","text":"a walrus","year":2024,"deep":{"a":[1, 2]}}"#))
            #expect(try await server.ask("GET", "/small/_search?q=walrus").hits == ["n1"])
            #expect(
                try await server.ask("PUT", "/small/_doc/n1", #"{"text":"an otter"}"#).json?["result"]?.string
                    == "updated")
            #expect(try await server.ask("GET", "/small/_search?q=walrus").hits == [])
            #expect(try await server.ask("PUT", "/small/_create/n1", #"{"text":"b"}"#).status == 409)
            #expect(try await server.ask("DELETE", "/small/_doc/n1").status == 200)
            #expect(try await server.ask("DELETE", "/small/_doc/n1").status == 404)
            #expect(try await server.ask("GET", "/small/_doc/n1").status == 404)
            let other = try await server.ask("POST", "/small/_doc", #"{"text":"a lynx"}"#).json?["_id"]?.string
            let id = try #require(other)
            #expect(try await server.ask("GET", "/small/_search?q=lynx").hits == [id])
            let strange = try await server.ask("PUT", "/small/_doc/%C3%A4%2Fb", #"{"text":"slash"}"#)
            #expect(strange.status == 201)
            #expect(try await server.ask("GET", "/v1/small/doc/%C3%A4%2Fb").json?["docid"]?.string == "ä/b")
        }
    }

    @Test func aBulkTellsOfEachLine() async throws {
        try await RunningServer.with { server async throws in
            let lines = [
                #"{"index":{"_id":"b1"}}"#, #"{"text":"one yak"}"#, #"{"create":{"_id":"a1"}}"#,
                #"{"text":"there already"}"#,
                #"{"index":{"_id":"b2"}}"#, #"{"nothing":1}"#, #"{"delete":{"_id":"a2"}}"#,
                #"{"delete":{"_id":"none"}}"#,
                #"{"index":{"_id":"b1"}}"#, #"{"text":"two yaks"}"#, #"{"index":{"_index":"other","_id":"x"}}"#,
                #"{"text":"z"}"#, "",
            ]
            let answer = try await server.ask("POST", "/small/_bulk", lines.joined(separator: "\n"))
            let statuses = answer.json?["items"]?.elements?.compactMap { $0.members?.first?.value["status"]?.integer }
            #expect(statuses == [201, 409, 400, 200, 404, 200, 404])
            #expect(answer.json?["errors"]?.bool == true)
            #expect(answer.text.contains("'line 6 of the body'"))
            #expect(try await server.ask("GET", "/small/_doc/b1").json?["_source"]?["text"]?.string == "two yaks")
            let broken = try await server.ask("POST", "/small/_bulk", "{\"index\":{}}\n{\"text\":\"a\"}\nnothing\n")
            #expect(broken.status == 400 && broken.text.contains("Line 3 is no action"))
            #expect(try await server.ask("GET", "/small/_count").json?["count"]?.integer == 5)
        }
    }

    /// Many clients at once: each change is there when it is answered, and requests share commits.
    @Test func changesOfManyClientsAreAllThere() async throws {
        try await RunningServer.with { server async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<8 {
                    group.addTask {
                        for number in 0..<5 {
                            let id = "c\(client)-\(number)"
                            let put = try await server.ask("PUT", "/small/_doc/\(id)", #"{"text":"ibex \#(id)"}"#)
                            let got = try await server.ask("GET", "/small/_doc/\(id)")
                            #expect(put.status == 201 && got.status == 200)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await server.ask("GET", "/small/_search?q=ibex&size=100").hits.count == 40)
            #expect(try SearchIndex(server.index).deepCheck().isEmpty)
        }
    }
}
