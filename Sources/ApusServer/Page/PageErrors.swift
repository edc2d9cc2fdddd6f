import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging

/// Errors on the way to a page, as pages; without a key that is known, a form that asks for one.
///
/// It stands before the check of keys, and lets nothing through that this one refuses.
struct PageErrors: RouterMiddleware {
    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            guard request.method == .get, PageRoutes.isPage(context.endpointPath) else { throw error }
            let told = ServerError.describing(error)
            if told.status == .unauthorized { return Self.keyPage.response(status: told.status) }
            if told.status.code >= 500 {
                context.logger.error("page", metadata: ["error": "\(told.message)"])
            }
            return PageFrame(title: told.status.reasonPhrase, content: Self.content(told))
                .response(status: told.status, retryAfter: told.retryAfter)
        }
    }

    private static func content(_ error: ServerError) -> HTML {
        """
        <main id="main" class="plain" data-error>
        <h1>\(error.status.reasonPhrase)</h1>
        <p role="alert" class="failure">\(error.message)</p>
        <p><a href="/">All indexes</a></p>
        </main>
        """
    }

    private static let keyPage = PageFrame(
        title: "A key is needed",
        content: """
            <main id="main" class="plain" data-error data-key>
            <h1>A key is needed</h1>
            <p>This server answers those who bring one of its keys. It stays in this tab until you close it.</p>
            <form id="key" class="js-only ask">
            <label for="key-text" class="vh">Key</label>
            <input id="key-text" type="password" autocomplete="off" required placeholder="Key">
            <button type="submit">Go on</button>
            </form>
            <p id="key-failure" role="alert" class="failure"></p>
            <noscript><p>Without JavaScript a page cannot send a key. The routes take it in a header:
            <code>curl -H "X-API-Key: KEY" …</code></p></noscript>
            </main>
            """)
}
