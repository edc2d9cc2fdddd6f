import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Keeps pages of other sites, open in a browser on this machine, from a server that asks for no key.
///
/// A browser names the page's site in `Origin` with whatever it changes, and a name that was made to point to this machine (DNS
/// rebinding) stands in `Host`.
struct OriginCheck: RouterMiddleware {
    private let isOpen: Bool
    /// Names of this machine; nil where others may reach the server, under names that it does not know.
    private let names: Set<String>?

    init(_ options: ServerOptions) {
        let own: Set<String> = ["localhost", "127.0.0.1", "::1"]
        isOpen = options.keys.isEmpty
        names = own.contains(options.host) ? own : nil
    }

    func handle(
        _ request: Request, context: ServerContext, next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        guard isOpen else { return try await next(request, context) }
        let host = request.head.authority ?? ""
        if let names, !host.isEmpty, !names.contains(Self.name(host)) {
            throw ServerError(
                .forbidden, "'\(host)' is no name of this machine. Ask for localhost, or serve with --keys or --host.")
        }
        let isReading = [.get, .head, .options].contains(request.method)
        if let origin = request.headers[.origin], !isReading, origin.split(separator: "/").last.map(String.init) != host
        {
            throw ServerError(.forbidden, "A page of '\(origin)' may change nothing here. Serve with --keys.")
        }
        return try await next(request, context)
    }

    /// A host without its port, in lowercase.
    private static func name(_ host: String) -> String {
        if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
            return String(host[host.index(after: host.startIndex)..<end])
        }
        return host.prefix { $0 != ":" }.lowercased()
    }
}
