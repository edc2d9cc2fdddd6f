import Apus
import ApusServer
import ApusTestSupport
import Foundation
import FoundationNetworking
import Testing

/// The pages as they are served: what a browser without JavaScript shows. `Scripts/page/check` drives them in a browser with it.
@Suite struct PageTests {
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"
    private static let hostile = "</script><b>&\"'"

    /// The values of an attribute, unescaped, in order.
    private static func values(_ name: String, in html: String) -> [String] {
        html.components(separatedBy: " \(name)=\"").dropFirst().compactMap {
            $0.split(separator: "\"").first.map(String.init)
        }
        .map { value in
            [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")].reduce(value) {
                $0.replacingOccurrences(of: $1.0, with: $1.1)
            }
        }
    }

    private static func escaped(_ text: String) throws -> String {
        try #require(text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
    }

    @Test func thePageHasTheHitsOfTheRoute() async throws {
        try await RunningServer.with { server async throws in
            for query in ["q=river+stone", "q=stone&hits=2", "q=stone+sea&filter=number+%3E%3D+2"] {
                let page = try await server.ask("GET", "/small/?\(query)")
                let route = try await server.ask(
                    "GET", "/v1/small/search?\(query.replacingOccurrences(of: "q=", with: "query="))")
                #expect(page.status == 200)
                #expect(Self.values("data-doc", in: page.text) == route.candidates)
                #expect(!route.candidates.isEmpty)
            }
            let marked = try await server.ask("GET", "/small?q=rivers").text
            #expect(marked.contains(">rivers</mark> carry stone"))
            #expect(marked.contains(">river</mark>"))
        }
    }

    @Test func whatAnAddressSaysIsInThePage() async throws {
        try await RunningServer.with { server async throws in
            let page = try await server.ask("GET", "/small/?q=stone&hits=3&filter=number+%3C+3&mode=bm25").text
            #expect(page.contains("name=\"q\" type=\"search\" value=\"stone\""))
            #expect(page.contains("type=\"range\" min=\"1\" max=\"50\" value=\"3\""))
            #expect(page.contains("type=\"text\" value=\"number &lt; 3\""))
            // The links to documents keep all of it, so that the way back does.
            let link = try #require(Self.values("href", in: page).first { $0.hasPrefix("/small/_view?") })
            #expect(link.hasSuffix("&q=stone&mode=bm25&hits=3&filter=number%20%3C%203"))
            let document = try await server.ask("GET", link).text
            let back = try #require(Self.values("href", in: document).first { $0.hasPrefix("/small/?q=") })
            #expect(
                try await Self.values("data-doc", in: server.ask("GET", back).text) == Self.values("data-doc", in: page)
            )
        }
    }

    @Test func hostileTextsAreTexts() async throws {
        try await RunningServer.with { server async throws in
            let body = try AnswerJSON.text([
                "title": "</title><script>x</script>", "text": "<img src=x onerror=y> stone </p>",
            ])
            let id = try Self.escaped(Self.hostile)
            #expect(try await server.ask("PUT", "/small/_doc/\(id)", body).status == 201)
            let query = try Self.escaped("stone \"><script>z</script>")
            let page = try await server.ask("GET", "/small/?q=\(query)").text
            #expect(Self.values("data-doc", in: page).contains(Self.hostile))
            #expect(Self.values("value", in: page).contains("stone \"><script>z</script>"))
            let address = try #require(Self.values("href", in: page).first { $0.contains("id=%3C%2Fscript") })
            let document = try await server.ask("GET", address)
            #expect(document.status == 200)
            let broken = try await server.ask("GET", "/small/?q=a&filter=%3Cscript%3E")
            #expect(broken.status == 400)
            let unknown = try await server.ask("GET", "/%3Cscript%3E/")
            #expect(unknown.status == 404)
            for text in [page, document.text, broken.text, unknown.text] {
                #expect(text.contains("<main id=\"main\""))
                // The frame's own script is the only one.
                #expect(text.components(separatedBy: "<script").count == 2)
                #expect(!text.contains("<img") && !text.contains("<b>&"))
            }
        }
    }

    @Test func nothingIsAskedOfOthers() async throws {
        try await RunningServer.with { server async throws in
            let page = try await server.ask("GET", "/small/?q=stone").text
            let files = Self.values("src", in: page) + Self.values("href", in: page).filter { $0.hasPrefix("/_page/") }
            #expect(files.count == 3)
            for file in files {
                let asset = try await server.ask("GET", file)
                #expect(asset.status == 200)
                // A namespace is a name; it is not asked for.
                let text = asset.text.replacingOccurrences(of: "http://www.w3.org/2000/svg", with: "")
                for outside in ["http:", "https:", "\"//", "'//", "`//", "@import", "url("] {
                    #expect(!text.contains(outside), "\(file) has \(outside)")
                }
            }
            for path in ["/small/?q=stone", "/small/_view?id=a1", "/small/?q=a&hits=x", "/nowhere/"] + files {
                let answer = await server.raw("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                #expect(answer.contains("Content-Security-Policy: \(Self.policy)\r\n"), "\(path)")
                #expect(
                    answer.contains("X-Content-Type-Options: nosniff\r\n")
                        && answer.contains("Referrer-Policy: no-referrer\r\n"))
            }
            // Styles and scripts that stand in the page itself would be refused by the policy.
            #expect(
                !page.contains(" style=\"") && !page.contains("<style")
                    && page.range(of: " on[a-z]+=\"", options: .regularExpression) == nil)
        }
    }

    @Test(arguments: [
        ("/small/?q=a&hits=0", "'hits' must be"), ("/small/?q=a&hits=101", "'hits' must be"),
        ("/small/?q=a&mode=x", "'mode' must be one of bm25, splade, hybrid, fused, compare, not 'x'."),
        ("/small/?q=a&weight=2", "'weight' must be"), ("/small/?q=a&term=b", "'term' must be NAME:WEIGHT"),
        ("/small/?q=a&term=b:-1", "'term' must be"), ("/small/?q=a&term=b:nan", "'term' must be"),
        ("/small/?q=%FF", "percent-encoded"), ("/small/?q=a&query_side=x", "'query_side' must be"),
        ("/small/_view?q=a", "'id' is missing"),
    ]) func whatCannotBeReadIsToldOnAPage(path: String, reason: String) async throws {
        try await RunningServer.with { server async throws in
            let page = try await server.ask("GET", path)
            #expect(page.status == 400)
            let text = page.text.replacingOccurrences(of: "&#39;", with: "'")
            #expect(text.hasPrefix("<!DOCTYPE html>") && text.contains(reason), "\(text)")
        }
    }

    @Test func aFiltersMistakeLeavesThePageAsItIs() async throws {
        try await RunningServer.with { server async throws in
            let page = try await server.ask("GET", "/small/?q=stone&filter=number+%3E%3D+2+AND+AND")
            #expect(page.status == 400)
            #expect(page.text.contains("Column 17: expected"))
            #expect(page.text.contains("value=\"number &gt;= 2 AND AND\"") && page.text.contains("value=\"stone\""))
            #expect(Self.values("data-doc", in: page.text).isEmpty)
        }
    }

    @Test func aDocumentsPageSaysWhy() async throws {
        try await RunningServer.with { server async throws in
            let page = try await server.ask("GET", "/small/_view?id=a2&q=river+glacier").text
            #expect(page.contains("a stone in the <mark") && page.contains(">river</mark>"))
            let words = try SearchIndex(server.index).inWords("river glacier", document: "a2", SearchOptions())
            #expect(words.sentences.count > 1)
            for sentence in words.sentences {
                #expect(page.contains(sentence.replacingOccurrences(of: "'", with: "&#39;")), "\(sentence)")
            }
            #expect(page.contains("<dt>tags</dt><dd dir=\"auto\">x, t1</dd>"))
            #expect(try await server.ask("GET", "/small/_view?id=none").status == 404)
            #expect(try await server.ask("GET", "/small/_view?id=none&q=a").status == 404)
        }
    }

    @Test func withKeysAPageTellsNothingButAsks() async throws {
        try await RunningServer.with({ $0.keys = ["secret"] }) { server async throws in
            for path in ["/", "/small/?q=stone", "/small/_view?id=a1", "/nowhere/"] {
                let page = try await server.ask("GET", path)
                #expect(page.status == 401)
                #expect(
                    page.text.contains("<form id=\"key\"") && !page.text.contains("small")
                        && !page.text.contains("stone"))
                let opened = try await server.ask("GET", path, headers: ["X-API-Key": "secret"])
                #expect(opened.status == (path == "/nowhere/" ? 404 : 200))
                #expect(opened.text.contains("small"))
            }
            let assets = Self.values("href", in: try await server.ask("GET", "/").text).filter {
                $0.hasPrefix("/_page/")
            }
            #expect(assets.count == 2)
            for asset in assets { #expect(try await server.ask("GET", asset).status == 200) }
            // Nothing else is open, whatever it is called.
            for path in [
                "/_page/_view?id=a", "/_page/", "/_page/_search", "/_page/_doc/page.css", "/v1", "/small/_doc/a1",
            ] {
                let answer = try await server.ask("GET", path)
                #expect(answer.status == 401 && !answer.text.contains("small"), "\(path)")
            }
        }
    }

    @Test func aServerThatIsFullSaysWhenToTryAgain() async throws {
        // Nothing may wait, so everything is too much.
        try await RunningServer.with({ $0.waitingSearches = 0 }) { server async throws in
            let page = await server.raw("GET /small/?q=stone HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            #expect(page.hasPrefix("HTTP/1.1 429") && page.contains("Retry-After: 1\r\n"))
            #expect(page.contains("Too many queries are waiting") && page.contains("value=\"stone\""))
            let document = try await server.ask("GET", "/small/_view?id=a1")
            #expect(document.status == 429 && document.text.contains("Too many queries are waiting"))
            #expect(try await server.ask("GET", "/small/").status == 200)
        }
    }
}
