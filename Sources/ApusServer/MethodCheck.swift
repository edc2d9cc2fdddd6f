import HTTPTypes
import Hummingbird

/// Answers the methods that a path does not take, with those that it takes.
enum MethodCheck {
    /// What HTTP defines; the parser knows more, like WebDAV's.
    static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options, .trace]

    /// Gives every path of a router an answer for the methods that it does not take: 405 with `Allow`.
    ///
    /// Called when all routes are there; what is added later has no such answers.
    static func add(to router: Router<ServerContext>) {
        for (path, routes) in Dictionary(grouping: router.routes, by: \.path.description) {
            var taken = Set(routes.map(\.method))
            // The router makes a HEAD of every GET.
            if taken.contains(.get) { taken.insert(.head) }
            let allow = taken.map(\.rawValue).sorted().joined(separator: ", ")
            for method in methods where !taken.contains(method) {
                router.on(RouterPath(path), method: method) { _, _ -> Response in
                    throw ServerError(
                        .methodNotAllowed, "\(path) does not take \(method.rawValue); it takes \(allow).", allow: allow)
                }
            }
        }
    }

    /// Refuses a method that no path takes, so that clients' inventions are in no label of the metrics.
    static func known(_ method: HTTPRequest.Method) throws(ServerError) {
        guard methods.contains(method) else {
            let allow = methods.map(\.rawValue).joined(separator: ", ")
            throw ServerError(.methodNotAllowed, "No path takes \(method.rawValue).", allow: allow)
        }
    }
}
