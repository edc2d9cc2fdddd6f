import Apus
import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Pages for people: the indexes, a search, a document. They work without JavaScript, and ask nothing of another server.
struct PageRoutes {
    let indexes: ServedIndexes
    let answering: QueryAnswering
    let options: ServerOptions

    /// Every hit of a page is encoded once more for its snippet.
    private static let mostHits = 100

    func add(to router: Router<ServerContext>) {
        router.get("/") { _, _ in list() }
        router.get("/{index}") { try await search($0, $1) }
        router.get("/{index}/_view") { try await document($0, $1) }
        for asset in PageAssets.all { router.get(RouterPath(asset.path)) { _, _ in asset.response } }
    }

    /// Whether an endpoint answers with pages.
    static func isPage(_ endpoint: String?) -> Bool { ["/", "/{index}", "/{index}/_view"].contains(endpoint) }

    private func list() -> Response {
        guard indexes.all.count > 1 else {
            return .redirect(to: PageState.path(indexes.all[0].name), type: .normal)
        }
        return ListPage(indexes: indexes).frame.response()
    }

    private func state(_ request: Request) throws -> PageState {
        var limits = options
        limits.mostHits = min(Self.mostHits, options.mostHits)
        return try PageState(request.parameters(), limits)
    }

    private func search(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try indexes.named(context.part("index"))
        let (state, index) = (try state(request), try served.newest())
        var page = SearchPage(name: served.name, state: state, index: index, encoder: try index.encoder())
        guard !state.query.isEmpty else { return page.frame.response() }
        do {
            page.answer = try await PageAnswer(state, page.view, index, answering)
        } catch let error as FilterError {
            page.filterError = error
            return page.frame.response(status: .badRequest)
        } catch let error as ServerError where error == .busy {
            page.failure = error
            return page.frame.response(status: error.status, retryAfter: error.retryAfter)
        }
        return page.frame.response()
    }

    private func document(_ request: Request, _ context: ServerContext) async throws -> Response {
        let served = try indexes.named(context.part("index"))
        let (state, index) = (try state(request), try served.newest())
        guard let id = try request.parameters()["id"] else {
            throw ServerError(.badRequest, "The parameter 'id' is missing.")
        }
        let found = try await answering.pool.run { try index.documents.documents([id])[ByteString(id)] }.value
        guard let found else { throw ServerError(.notFound, "There is no document '\(id)'.") }
        var page = DocumentPage(name: served.name, state: state, id: id, document: found)
        if !state.query.isEmpty { page.why = try await DocumentWhy(id, found, state, index, answering) }
        return page.frame.response()
    }
}
