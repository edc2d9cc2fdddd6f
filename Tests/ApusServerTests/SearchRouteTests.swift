import Apus
import ApusTestSupport
import Foundation
import Testing

/// What is found over HTTP is what the library finds.
@Suite struct SearchRouteTests {
    @Test func bothFormsTellWhatTheLibraryTells() async throws {
        try await RunningServer.with { server async throws in
            var options = SearchOptions()
            options.mode = .bm25
            let expected = try SearchIndex(server.index).search("river stone", options).documents
            let anserini = try await server.ask("GET", "/v1/small/search?query=river+stone&mode=bm25")
            #expect(anserini.status == 200)
            #expect(anserini.candidates == expected.map(\.id))
            let scores = anserini.json?["candidates"]?.elements?.compactMap { $0["score"]?.number } ?? []
            #expect(scores == expected.map(\.score))
            #expect(
                anserini.json?["candidates"]?.elements?[0]["doc"]?["text"]?.string
                    == RunningServer.texts[expected[0].id])
            let opened = try await server.ask("POST", "/small/_search", #"{"query":{"match":{"text":"river stone"}}}"#)
            #expect(opened.hits == expected.map(\.id))
            #expect(try await server.ask("GET", "/small/_search?q=river%20stone").hits == expected.map(\.id))
        }
    }

    @Test func filtersOfEitherLanguageLetTheSameThrough() async throws {
        try await RunningServer.with { server async throws in
            let filter = try #require(
                #"number >= 2 AND NOT tags : "t4""#.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            let anserini = try await server.ask("GET", "/v1/small/search?query=stone+sea&filter=\(filter)")
            let body =
                #"{"query":{"bool":{"must":[{"match":{"text":"stone sea"}}],"filter":[{"range":{"number":{"gte":2}}}],"must_not":{"term":{"tags":"t4"}}}}}"#
            let opened = try await server.ask("POST", "/small/_search", body)
            #expect(Set(anserini.candidates) == ["a3", "a4"])
            #expect(opened.hits == anserini.candidates)
            let count = try await server.ask("POST", "/small/_count", #"{"query":{"terms":{"tags":["t1","t2"]}}}"#)
            #expect(count.json?["count"]?.integer == 2)
        }
    }

    /// Pages of one add up to one long answer, also when documents come in between.
    @Test func pagesOfASnapshotAddUp() async throws {
        try await RunningServer.with { server async throws in
            let pit = try await server.ask("POST", "/small/_search/point_in_time?keep_alive=1m").json?["pit_id"]?.string
            let token = try #require(pit)
            let whole = try await server.ask(
                "POST", "/_search", #"{"query":{"match":{"text":"stone sea"}},"pit":{"id":"\#(token)"}}"#)
            var (pages, after) = ([String](), "")
            for number in 0..<8 {
                let body = #"{"size":1,"query":{"match":{"text":"stone sea"}},"pit":{"id":"\#(token)"}\#(after)}"#
                let page = try await server.ask("POST", "/_search", body)
                guard let hit = page.json?["hits"]?["hits"]?.elements?.first, let id = hit["_id"]?.string,
                    let score = hit["sort"]?.elements?[0].number
                else { break }
                pages.append(id)
                after = #","search_after":[\#(score),"\#(id)"]"#
                _ = try await server.ask("PUT", "/small/_doc/new\(number)", #"{"text":"stone sea stone sea"}"#)
            }
            #expect(pages == whole.hits)
            #expect(pages.count == 5)
            let gone = try await server.ask("DELETE", "/_search/point_in_time", #"{"pit_id":["\#(token)"]}"#)
            #expect(gone.json?["pits"]?.elements?.count == 1)
            #expect(
                try await server.ask("POST", "/_search", #"{"query":{"match":{"text":"a"}},"pit":{"id":"\#(token)"}}"#)
                    .status == 404)
        }
    }

    @Test(arguments: [
        (#"{"query":{"match":{"text":7}}}"#, "'match' needs"), (#"{"query":{"fuzzy":{}}}"#, "'fuzzy' is no query here"),
        (#"{"size":10}"#, "A search needs a 'query'"),
        (#"{"query":{"match":{"text":"a"}},"size":-1}"#, "'size' must be"),
        (#"{"query":{"match":{"text":"a"}},"from":10001}"#, "'from' must be"),
        (#"{"query":{"bool":{"must":{"match":{"text":"a"}},"filter":{"geo":{}}}}}"#, "'geo' is no filter here"),
        (#"{"query":{"neural_sparse":{"v":{"query_tokens":{"a":-1}}}}}"#, "must be a number above 0"),
        ("[1]", "no JSON object"),
        (String(repeating: "[", count: 100_000), "no JSON object"),
    ]) func aBodyThatCannotBeReadIsToldWhy(body: String, reason: String) async throws {
        try await RunningServer.with { server async throws in
            let answer = try await server.ask("POST", "/small/_search", body)
            #expect(answer.status == 400)
            #expect(answer.json?["error"]?.string?.contains(reason) == true, "\(answer.text)")
        }
    }
}
