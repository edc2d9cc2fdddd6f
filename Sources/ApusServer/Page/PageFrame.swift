import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// What is around every page: head, header, keys; and the headers of the response.
struct PageFrame: Sendable {
    /// The document's title, without the program's name.
    let title: String
    /// The index whose page it is; nil for none.
    var index: String?
    /// What stands between header and end.
    let content: HTML

    /// Scripts and styles of this server alone, no frames, no plug-ins; nothing is asked of anybody else.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    /// The page as a response.
    func response(status: HTTPResponse.Status = .ok, retryAfter: Int? = nil) -> Response {
        var response = Response(
            status: status, headers: Self.headers("text/html; charset=utf-8", cache: "no-store"),
            body: ResponseBody(byteBuffer: ByteBuffer(string: html.markup)))
        if let retryAfter { response.headers[.retryAfter] = "\(retryAfter)" }
        return response
    }

    static func headers(_ type: String, cache: String) -> HTTPFields {
        var headers: HTTPFields = [.contentType: type, .cacheControl: cache, .contentSecurityPolicy: policy]
        headers[.xContentTypeOptions] = "nosniff"
        headers[.referrerPolicy] = "no-referrer"
        return headers
    }

    private var html: HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) – Apus</title>
        <link rel="icon" href="\(PageAssets.icon.address)" type="image/svg+xml">
        <link rel="stylesheet" href="\(PageAssets.styles.address)">
        <script src="\(PageAssets.script.address)"></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
        <p class="brand"><a href="/">Apus</a>\(crumb)</p>
        <p class="tools js-only">
        <button type="button" id="theme" aria-pressed="false">Dark</button>
        <button type="button" id="keys" aria-haspopup="dialog">Keys <kbd aria-hidden="true">?</kbd></button>
        </p>
        </header>
        \(content)
        \(Self.help)
        </body>
        </html>

        """
    }

    private var crumb: HTML {
        index.map { "<span class=\"slash\" aria-hidden=\"true\">/</span><a href=\"\(PageState.path($0))\">\($0)</a>" }
            ?? .nothing
    }

    private static let help: HTML = {
        let keys: [(HTML, HTML)] = [
            ("<kbd>/</kbd>", "to the search field"),
            ("<kbd>j</kbd> <kbd>k</kbd> or <kbd>↓</kbd> <kbd>↑</kbd>", "next and previous hit"),
            ("<kbd>h</kbd> <kbd>l</kbd> or <kbd>←</kbd> <kbd>→</kbd>", "the same document one column over"),
            ("<kbd>Enter</kbd>", "open the document"), ("<kbd>w</kbd>", "why it stands here"),
            ("<kbd>Esc</kbd>", "out of the search field"), ("<kbd>?</kbd>", "these keys"),
        ]
        let rows = keys.map { key, meaning in "<div><dt>\(key)</dt><dd>\(meaning)</dd></div>" as HTML }
        return """
            <dialog id="help" aria-labelledby="help-title"><h2 id="help-title">Keys</h2><dl>\(rows)</dl>
            <form method="dialog"><button>Close</button></form></dialog>
            """
    }()
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name("Referrer-Policy") ?? .from
}
